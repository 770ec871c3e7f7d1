using OrleansPbft.Core;

namespace OrleansPbft.Journal.Tests;

/// <summary>Rule D-1 where it is kept for silos and simulations alike: records first, the rest once they are durable, in the order the machine asked for.</summary>
public sealed class JournaledOutboxTests
{
    private readonly GatedJournal _journal = new();
    private readonly JournaledOutbox _leaving;
    private readonly List<EffectKind> _performed = [];

    public JournaledOutboxTests() => _leaving = new(_journal);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_performed_before_what_was_appended_is_durable()
    {
        Vote();
        var asked = _leaving.Outbox.Effects.ToArray().Select(static one => one.Kind).Where(static kind => kind is not (EffectKind.Persist or EffectKind.WakeAt)).ToArray();
        Assert.Contains(EffectKind.Broadcast, asked);

        Assert.True(_leaving.Append());
        Assert.NotEmpty(_journal.Appended);
        Assert.Throws<InvalidOperationException>(() => Perform());
        var flush = _leaving.FlushAsync(Stop).AsTask();
        Assert.False(flush.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => Perform());
        Assert.Empty(_performed);

        _journal.Flush.SetResult();
        await flush;
        Assert.NotNull(Perform());
        Assert.Equal(asked, _performed);
        Assert.Equal(0, _leaving.Outbox.Count);
    }

    /// <summary>A flush that failed, or was given up, made nothing durable.</summary>
    [Fact]
    public async Task Nothing_is_performed_after_a_failed_flush_until_another_succeeds()
    {
        Vote();
        _leaving.Append();
        _journal.Flush.SetException(new IOException("no room"));
        await Assert.ThrowsAsync<IOException>(() => _leaving.FlushAsync(Stop).AsTask());
        Assert.Throws<InvalidOperationException>(() => Perform());

        _journal.Flush = new();
        _journal.Flush.SetResult();
        await _leaving.FlushAsync(Stop);
        Perform();
        Assert.NotEmpty(_performed);
    }

    [Fact]
    public void What_has_no_records_waits_for_nothing()
    {
        Assert.False(_leaving.Append());
        Assert.Null(Perform());
    }

    private Instant? Perform() => _leaving.Perform(Make.Noon, (Instant _, in Effect effect) => _performed.Add(effect.Kind));

    /// <summary>A backup hears of a request, and votes for the proposal of it.</summary>
    private void Vote()
    {
        var backup = new TestMember(1, new TestCluster(replicas: 4).Options, records: null, new(), Make.Noon);
        backup.Replica.Step(Make.Noon, Input.Of(Make.Open()), _leaving.Outbox);
        backup.Replica.Step(Make.Noon, Make.Sealed(Make.PrePrepare(1, Make.Open())).AsInput(), _leaving.Outbox);
    }

    private sealed class GatedJournal : IReplicaJournal
    {
        public List<JournalRecord> Appended { get; } = [];

        public TaskCompletionSource Flush { get; set; } = new();

        public void Append(in JournalRecord record) => Appended.Add(record);

        public ValueTask FlushAsync(CancellationToken cancellationToken) => new(Flush.Task);
    }
}
