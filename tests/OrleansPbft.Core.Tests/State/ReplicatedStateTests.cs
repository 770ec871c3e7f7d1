namespace OrleansPbft.Core.Tests;

/// <summary>K-2: digests are taken of what changed since the last, and nobody can tell when the last one was taken.</summary>
public sealed class ReplicatedStateTests
{
    [Fact]
    public void A_digest_taken_twice_is_the_same()
    {
        var state = new StateUnderTest();
        state.Execute(Make.Open());
        state.Execute(Make.Request(1));

        Assert.Equal(state.Digest, state.Digest);
    }

    /// <summary>
    /// One state asked at random moments, as a status page would, and one at the end only. Sessions are evicted, windows move, results are
    /// dropped: each of these ends what a digest kept of them.
    /// </summary>
    [Fact]
    public void When_digests_were_taken_does_not_show()
    {
        var outcomes = new HashSet<ReplyStatus>();
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var asked = new StateUnderTest();
            var left = new StateUnderTest();
            for (var step = 0; step < 80; step++)
            {
                var client = 1 + random.Next(4);
                var request = random.Next(8) == 0
                    ? Make.Open(client, nonce: 1 + random.Next(4))
                    : Make.Request(1 + random.Next(12), session: 1 + random.Next(6), client, new string('x', random.Next(200)));
                asked.Execute(request);
                left.Execute(request);
                outcomes.UnionWith(left.Outcomes);
                if (random.Next(3) == 0) _ = asked.Digest;
            }

            Assert.Equal(left.Digest, asked.Digest);
        }

        ReplyStatus[] seen =
        [
            ReplyStatus.Executed, ReplyStatus.SessionOpened, ReplyStatus.SessionUnknown, ReplyStatus.BelowWindow, ReplyStatus.AboveWindow, ReplyStatus.ResultDropped,
        ];
        Assert.Superset(new HashSet<ReplyStatus>(seen), outcomes);
    }

    /// <summary>Results that were dropped to save room, after a root had covered them, and results that are kept, are different states.</summary>
    [Fact]
    public void Dropped_results_show_in_the_root()
    {
        var roomy = new SessionTable(new() { Cluster = new(4), SessionReplyBytesMax = 400 });
        var cramped = new SessionTable(new() { Cluster = new(4), SessionReplyBytesMax = 399 });
        var roots = new List<(Digest Roomy, Digest Cramped)>();
        Change(table => table.Open(Make.Id(number: 7, session: 0), new(1)));
        Change(table => table.Keep(table.Find(Make.Id(1))!, number: 1, new(2), new byte[200]));
        Change(table => table.Keep(table.Find(Make.Id(2))!, number: 2, new(3), new byte[200]));

        Assert.Equal([true, true, false], roots.Select(static r => r.Roomy == r.Cramped));
        Assert.NotNull(roomy.Find(Make.Id(1))!.ReplyOf(1).Results);
        Assert.Null(cramped.Find(Make.Id(1))!.ReplyOf(1).Results);

        void Change(Action<SessionTable> change)
        {
            change(roomy);
            change(cramped);
            roots.Add((roomy.State.Root, cramped.State.Root));
        }
    }

    /// <summary>A state with room for three sessions, four requests of each, and few bytes of their results.</summary>
    private sealed class StateUnderTest
    {
        private readonly Outbox _outbox = new();
        private readonly ReplicatedState _state = new(
            new() { Cluster = new(4), SessionsMax = 3, SessionWindow = 4, ResultBytesMax = 1024, SessionReplyBytesMax = 256 }, new(42), new RecordingService());

        public Digest Digest => _state.ComputeDigest();

        public IEnumerable<ReplyStatus> Outcomes => [.. _outbox.Effects.ToArray().Select(static effect => effect.ReplyMessage.Status)];

        public void Execute(Request request)
        {
            _outbox.Clear();
            _state.Execute(_state.LastExecuted.Next, Make.Batch(Make.Noon, request), View.Initial, new(0), _outbox);
        }
    }
}
