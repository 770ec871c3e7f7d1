namespace OrleansPbft.Core.Tests;

/// <summary>What a client does that is told Busy: rules C-4, C-6 (ADR 0015).</summary>
public sealed class BusyClientTests
{
    private static readonly ClientSessionOptions Options = new()
    {
        Cluster = new(4),
        Window = 64,
        RetransmitAfter = TimeSpan.FromSeconds(1),
        RetransmitAfterMax = TimeSpan.FromSeconds(8),
    };

    private readonly List<ClientEffect> _effects = [];
    private readonly ClientSession _session = new(Make.Client(), Options, nonce: 7);
    private Instant _now = Make.Noon;

    public BusyClientTests()
    {
        _session.Open(_now, _effects);
        for (var i = 0; i < 2; i++)
        {
            _session.OnReply(_now, new(View.Initial, new(Make.Client(), SessionId.None, 7), new(3), new(1), ReplyStatus.SessionOpened, default, new(i)), _effects);
        }

        _effects.Clear();
    }

    private IEnumerable<ReplicaSet> Sent => _effects.Where(static e => e.Kind == ClientEffectKind.Send).Select(static e => e.To);

    /// <summary>C-6: a refused request goes to the primary again when it said, and to nobody else: who does not know of it can blame nobody for it.</summary>
    [Fact]
    public void A_busy_primary_is_asked_again_alone()
    {
        var number = Begin();
        Busy(number, sender: 0);

        Tick(TimeSpan.FromMilliseconds(49));
        Assert.Empty(Sent);
        Tick(TimeSpan.FromMilliseconds(1));

        Assert.Equal([ReplicaSet.Empty.With(new(0))], Sent);
    }

    /// <summary>C-6: each refusal makes it more patient, so that who is refused costs the cluster little.</summary>
    [Fact]
    public void Refusals_are_followed_by_longer_waits()
    {
        var number = Begin();
        var asked = 0;
        for (var t = 0; t < 3999; t++)
        {
            Busy(number, sender: 0);
            Tick(TimeSpan.FromMilliseconds(1));
            asked += Sent.Count();
        }

        Assert.InRange(asked, 3, 12);
    }

    /// <summary>C-4: all replicas are asked in the end: a primary may say Busy to keep a client out.</summary>
    [Fact]
    public void A_primary_that_says_busy_for_ever_gains_four_waits()
    {
        var number = Begin();
        for (var t = 0; t < 399; t++)
        {
            Busy(number, sender: 0);
            Tick(TimeSpan.FromMilliseconds(10));
            Assert.DoesNotContain(Options.Cluster.All, Sent);
        }

        Tick(TimeSpan.FromMilliseconds(10));

        Assert.Contains(Options.Cluster.All, Sent);
    }

    /// <summary>C-4: from then on all are asked at times that no answer of a busy primary puts off.</summary>
    [Fact]
    public void What_went_to_all_goes_to_all_again_in_its_time()
    {
        var number = Begin();
        Tick(TimeSpan.FromSeconds(1));
        Assert.Equal([Options.Cluster.All], Sent);
        Busy(number, sender: 0);

        Tick(TimeSpan.FromMilliseconds(60));
        Assert.Equal([ReplicaSet.Empty.With(new(0))], Sent);
        Tick(TimeSpan.FromMilliseconds(1940));

        Assert.Equal([Options.Cluster.All], Sent);
    }

    /// <summary>C-6: one backup that is busy says nothing about the primary.</summary>
    [Fact]
    public void Busy_backups_change_no_time()
    {
        var number = Begin();
        for (var sender = 1; sender < 4; sender++) Busy(number, sender);

        Tick(TimeSpan.FromMilliseconds(999));
        Assert.Empty(Sent);
        Tick(TimeSpan.FromMilliseconds(1));

        Assert.Equal([Options.Cluster.All], Sent);
    }

    /// <summary>C-6: that a request is refused is known while it is so: by the primary, or by f + 1.</summary>
    [Fact]
    public void A_request_is_refused_when_the_primary_or_f_plus_1_say_so()
    {
        var number = Begin();
        Busy(number, sender: 2);
        Assert.False(_session.IsRefusedBusy(number));
        Busy(number, sender: 3);
        Assert.True(_session.IsRefusedBusy(number));
        Tick(TimeSpan.FromSeconds(1));
        Assert.False(_session.IsRefusedBusy(number));
        Busy(number, sender: 0);
        Assert.True(_session.IsRefusedBusy(number));
        Assert.False(_session.IsRefusedBusy(number + 1));
    }

    /// <summary>C-4: where answers take long, the first wait is longer, up to four times: else every request of a cluster with much to do would go to all replicas.</summary>
    [Theory]
    [InlineData(0.1, 1)]
    [InlineData(0.9, 1.8)]
    [InlineData(30, 4)]
    public void The_first_wait_follows_what_answers_take(double answer, double wait)
    {
        for (var i = 0; i < 100; i++)
        {
            var number = Begin();
            _now = _now.Plus(TimeSpan.FromSeconds(answer));
            for (var sender = 1; sender < 3; sender++)
            {
                _session.OnReply(_now, new(View.Initial, Make.Id(number, session: 3), new(3), new(2), ReplyStatus.Executed, default, new(sender)), _effects);
            }

            Assert.Equal(0, _session.InFlight);
        }

        Begin();
        Tick(TimeSpan.FromSeconds(wait * 0.99));
        Assert.Empty(Sent);
        Tick(TimeSpan.FromSeconds(wait * 0.01));

        Assert.Equal([Options.Cluster.All], Sent);
    }

    private long Begin()
    {
        var number = _session.Begin(_now, _effects);
        _effects.Clear();
        return number;
    }

    private void Busy(long number, int sender) => _session.OnReply(
        _now,
        new(View.Initial, Make.Id(number, session: 3), new(3), SequenceNumber.Zero, ReplyStatus.Busy, RetryHint.Encode(TimeSpan.FromMilliseconds(50)), new(sender)),
        _effects);

    private void Tick(TimeSpan after)
    {
        _effects.Clear();
        _session.Tick(_now = _now.Plus(after), _effects);
    }
}
