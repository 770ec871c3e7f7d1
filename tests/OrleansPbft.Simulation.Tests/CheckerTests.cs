using OrleansPbft.Core;
using OrleansPbft.Services;
using OrleansPbft.Simulation.Checkers;

namespace OrleansPbft.Simulation.Tests;

/// <summary>A checker that can not fail proves nothing: each is fed a violation of its property and must refuse it.</summary>
public sealed class CheckerTests
{
    private static readonly ReplicaId R1 = new(1);
    private static readonly ReplicaId R2 = new(2);
    private static readonly RequestId Id1 = new(new(7), new(1), 1);
    private static readonly RequestId Id2 = new(new(7), new(1), 2);

    private readonly SimulationReport _report = new();

    [Fact]
    public void Agreement_fails_when_two_replicas_execute_different_batches_at_one_sequence()
    {
        var checker = new AgreementChecker(_report);
        checker.Executed(R1, new(1), BatchOf(RequestOf(Id1, "a")));
        checker.Executed(R2, new(1), BatchOf(RequestOf(Id1, "a")));

        checker.Executed(R1, new(2), BatchOf(RequestOf(Id2, "a")));
        Fails("Agreement", () => checker.Executed(R2, new(2), BatchOf(RequestOf(Id2, "b"))));
        Assert.Equal(2, _report[Mark.ExecutionsCompared]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Agreement_fails_when_a_replica_repeats_or_skips_a_sequence(long sequence)
    {
        var checker = new AgreementChecker(_report);
        checker.Executed(R1, new(1), BatchOf());

        Fails("Agreement", () => checker.Executed(R1, new(sequence), BatchOf()));
    }

    [Fact]
    public void Learner_fails_when_one_speaks_or_takes_part_too_early()
    {
        var checker = new LearnerChecker(_report);
        Input vote = Input.Of(new Vote(VotePhase.Commit, View.Initial, new(8), default, R1));
        checker.Sent(R1, vote);
        checker.Sent(R1, Input.Of(new PrePrepare(View.Initial, new(9), BatchOf(), R1)));
        checker.Sent(R1, Input.Of(new PrePrepare(View.Initial, new(40), BatchOf(), R2))); // relayed
        checker.Sent(R1, vote);
        checker.Says(R1, vote);
        checker.Answers(R1);
        checker.Joined(R1);
        checker.Says(R1, Input.Of(new Status(View.Initial, true, new(0), new(0), R1)));
        checker.Says(R1, Input.Of(new Chunks(new(8), [], R1)));

        Fails("Learner", () => checker.Says(R1, vote));
        Fails("Learner", () => checker.Says(R1, Input.Of(new Checkpoint(new(8), default, R1))));
        Fails("Learner", () => checker.Says(R1, Input.Of(new Chunks(new(8), [new(ChunkId.Header, new byte[1])], R1))));
        Fails("Learner", () => checker.Answers(R1));
        Fails("Learner", () => checker.TookPart(R1, LifeStage.Original, new(0)));
        Fails("Learner", () => checker.TookPart(R1, LifeStage.Returned, new(8)));
        checker.TookPart(R1, LifeStage.Returned, new(9));
        checker.Says(R1, vote);
        checker.TookPart(R2, LifeStage.Original, new(0));
        Assert.Equal((1, 1), (_report[Mark.LearnersReturned], _report[Mark.LearnersNew]));
    }

    [Fact]
    public void State_fails_when_two_replicas_digest_one_state_differently()
    {
        var checker = new StateDigestChecker(_report);
        checker.Digested(R1, new(4), Digest.Of([1]));
        checker.Digested(R2, new(4), Digest.Of([1]));

        Fails("State", () => checker.Digested(R2, new(4), Digest.Of([2])));
    }

    [Fact]
    public void Validity_fails_when_something_is_executed_that_nobody_submitted()
    {
        var checker = new ValidityChecker();
        checker.Submitted(RequestOf(Id1, "a"));
        checker.Ordered(R1, RequestOf(Id1, "a"));
        ValidityChecker.Applied(R1, RequestOf(Id1, "a"), 0, Bytes("a"));

        Fails("Validity", () => checker.Ordered(R1, RequestOf(Id2, "a")));
        Fails("Validity", () => checker.Ordered(R1, RequestOf(Id1, "b")));
        Fails("Validity", () => ValidityChecker.Applied(R1, RequestOf(Id1, "a"), 0, Bytes("b")));
        Fails("Validity", () => ValidityChecker.Applied(R1, RequestOf(Id1, "a"), 1, Bytes("a")));
    }

    [Fact]
    public void At_most_once_fails_when_a_replica_applies_an_operation_again()
    {
        var checker = new AtMostOnceChecker();
        checker.Applied(R1, Id1, 0, new(3));
        checker.Applied(R1, Id1, 1, new(3));
        checker.Applied(R2, Id1, 0, new(3));

        Fails("At most once", () => checker.Applied(R1, Id1, 0, new(4)));

        checker.Restarted(R1, new(3)); // what was at n3 is still done
        Fails("At most once", () => checker.Applied(R1, Id1, 0, new(4)));
        checker.Restarted(R1, new(2));
        checker.Applied(R1, Id1, 0, new(3));
        Fails("At most once", () => checker.Applied(R2, Id1, 0, new(4)));
    }

    [Fact]
    public void Agreement_fails_when_a_replica_comes_back_beyond_where_it_was()
    {
        var checker = new AgreementChecker(_report);
        checker.Executed(R1, new(1), BatchOf());
        checker.Restarted(R1, new(0));
        checker.Executed(R1, new(1), BatchOf());

        Fails("Agreement", () => checker.Restarted(R1, new(2)));
    }

    [Fact]
    public void Double_vote_fails_when_a_replica_says_two_things_where_it_may_say_one()
    {
        var checker = new DoubleVoteChecker(_report);
        checker.Sent(R1, Input.Of(VoteOf("a")));
        checker.Sent(R1, Input.Of(VoteOf("a")));
        checker.Sent(R1, Input.Of(VoteOf("b") with { View = new(1) }));
        checker.Sent(R1, Input.Of(VoteOf("b") with { Phase = VotePhase.Prepare }));
        checker.Sent(R2, Input.Of(VoteOf("b")));
        Assert.Equal(0, _report[Mark.SaidAgainAfterRestart]);

        checker.Restarted(R1);
        checker.Sent(R1, Input.Of(VoteOf("a")));
        Assert.Equal(1, _report[Mark.SaidAgainAfterRestart]);
        Fails("Double vote", () => checker.Sent(R1, Input.Of(VoteOf("b"))));

        checker.Sent(R1, Input.Of(new ViewChange(new(1), default, [], [], [], R1)));
        Fails("Double vote", () => checker.Sent(R1, Input.Of(new ViewChange(new(1), new(4), [], [], [], R1))));
    }

    /// <summary>Rule VC-2: what left a replica, in whatever life, its VIEW-CHANGE names, or its stable checkpoint covers.</summary>
    [Fact]
    public void Vote_account_fails_when_a_view_change_forgets_what_left_before()
    {
        var (d, e) = (Digest.Of(Bytes("d")), Digest.Of(Bytes("e")));
        LogEntry at7 = new(new(7), d, new(0));
        HeldCheckpoint held = new(new(6), e);
        ViewChange whole = new(new(1), new(4), [new(new(4), d), held], [at7], [at7, new(new(8), e, new(0))], R1);

        Fails("Vote account", () => Told().Made(R1, new(new(1), new(4), [held], [], whole.PrePrepared, R1))); // P lacks what prepared
        Fails("Vote account", () => Told().Made(R1, new(new(1), new(4), [held], [at7 with { Digest = e }], whole.PrePrepared, R1)));
        Fails("Vote account", () => Told().Made(R1, new(new(1), new(4), [held], [at7], [at7], R1))); // Q lacks its own proposal
        Fails("Vote account", () => Told().Made(R1, new(new(1), new(4), [held], [at7], [at7 with { Digest = e }, new(new(8), e, new(0))], R1)));
        Fails("Vote account", () => Told().Made(R1, new(new(1), new(4), [], [at7], whole.PrePrepared, R1))); // C lacks what it executed
        Told().Made(R1, new(new(1), new(8), [], [], [], R1)); // covered
        var checker = Told();
        checker.Made(R1, whole);
        checker.Sent(R1, Input.Of(whole));
        Fails("Vote account", () => checker.Sent(R1, Input.Of(new Vote(VotePhase.Prepare, new(0), new(9), d, R1)))); // in a view that it has left
        Fails("Vote account", () => checker.Made(R1, new(new(2), new(2), [new(new(4), d), held], [at7], whole.PrePrepared, R1))); // goes back behind its checkpoint
        checker.Shown(new(new(1), [], new(new(new(6), e), []), R2));
        checker.Made(R1, new(new(2), new(4), [held], [], whole.PrePrepared, R1)); // disproved: nothing was chosen at n7
        Assert.True(_report[Mark.VotesAccountedForAfterRestart] > 0);

        VoteAccountChecker Told()
        {
            var told = new VoteAccountChecker(_report, window: 8);
            told.Sent(R1, Input.Of(new Vote(VotePhase.Prepare, new(0), new(7), d, R1)));
            told.Prepared(R1, new(0), new(7), d);
            told.Sent(R1, Input.Of(new Vote(VotePhase.Commit, new(0), new(7), d, R1)));
            told.Sent(R1, Input.Of(new Checkpoint(new(6), e, R1)));
            var own = new PrePrepare(new(0), new(8), new Batch(default, [], default, e), R1);
            told.Sent(R1, Input.Of(own));
            told.Restarted(R1); // from here on it must know what its leader proposed
            return told;
        }
    }

    [Fact]
    public void Final_state_fails_when_a_store_lacks_what_was_executed_or_has_it_twice()
    {
        var increment = new Request(Id1, [KeyValueOperation.Increment("k1", 5)], Bytes("increment"));
        var checker = new FinalStateChecker([BatchOf(Open), BatchOf(increment), BatchOf(increment)], new() { Cluster = new(4) }, _report);

        checker.Check(R1, "k1", Answer(times: 1, "k1"));
        checker.Check(R1, "k2", Answer(times: 1, "k2"));
        Fails("Final state", () => checker.Check(R1, "k1", Answer(times: 0, "k1")));
        Fails("Final state", () => checker.Check(R1, "k1", Answer(times: 2, "k1")));

        static ReadOnlyMemory<byte> Answer(int times, string key)
        {
            var store = new KeyValueStore();
            var result = new System.Buffers.ArrayBufferWriter<byte>();
            for (var i = 0; i < times; i++) store.Apply(KeyValueOperation.Increment("k1", 5), default, new System.Buffers.ArrayBufferWriter<byte>());
            store.Query(KeyValueOperation.Get(key), result);
            return result.WrittenMemory;
        }
    }

    private static Vote VoteOf(string digest) => new(VotePhase.Commit, new(0), new(7), Digest.Of(Bytes(digest)), R1);

    [Fact]
    public void Accusation_fails_when_an_honest_replica_is_accused_or_diverges()
    {
        var checker = new AccusationChecker(replica => replica == R1, _report);
        checker.Accused(R1, new(EvidenceKind.EquivocatingVote, R2, new(0), new(1), default, default));

        Fails("Accusation", () => checker.Accused(R2, new(EvidenceKind.EquivocatingVote, R1, new(0), new(1), default, default)));
        Fails("Accusation", () => checker.Diverged(R1, new(4)));
    }

    [Fact]
    public void Bounds_fails_when_a_replica_keeps_more_than_its_options_allow()
    {
        var checker = new BoundsChecker(new() { Cluster = new(4), PendingMax = 5, CheckpointInterval = 4, LogWindow = 8, SessionsMax = 2, Pipeline = 3 });
        checker.Check(R1, pending: 5, inFlight: 16, executedAbove: 16, sessions: 2);
        checker.Check(R1, queued: 10, outstanding: 3);

        Fails("Bounds", () => checker.Check(R1, pending: 6, inFlight: 0, executedAbove: 0, sessions: 0));
        Fails("Bounds", () => checker.Check(R1, pending: 0, inFlight: 17, executedAbove: 0, sessions: 0));
        Fails("Bounds", () => checker.Check(R1, pending: 0, inFlight: 0, executedAbove: 17, sessions: 0));
        Fails("Bounds", () => checker.Check(R1, pending: 0, inFlight: 0, executedAbove: 0, sessions: 3));
        Fails("Bounds", () => checker.Check(R1, queued: 11, outstanding: 0));
        Fails("Bounds", () => checker.Check(R1, queued: 0, outstanding: 4));
    }

    [Fact]
    public void Real_time_fails_when_a_later_request_is_executed_earlier()
    {
        var checker = new RealTimeChecker();
        checker.Submitted(Id1);
        checker.Accepted(Id1, new(5));
        checker.Submitted(Id2);

        Fails("Real time", () => checker.Accepted(Id2, new(5)));
        checker.Accepted(Id2, new(6));
    }

    [Fact]
    public void Replies_fails_when_an_accepted_result_is_not_what_the_order_makes_of_it()
    {
        var history = History();

        Check(Executed(Id1, 2, ["1"]), history);
        Fails("Replies", () => Check(Executed(Id1, 2, ["2"]), history)); // another value
        Fails("Replies", () => Check(Executed(Id1, 3, ["1"]), history)); // another place
        Fails("Replies", () => Check(Executed(Id2, 2, ["1"]), history)); // never executed
        Fails("Replies", () => Check(Executed(Id1, 2, ["1", "1"]), history)); // one too many
        Fails("Replies", () => Check(new(new(0), Id1, new(1), default, ReplyStatus.SessionUnknown, default, R1), history)); // not evicted
        Fails("Replies", () => Check(new(new(0), Id1, new(1), default, ReplyStatus.BelowWindow, default, R1), history));
        Fails("Replies", () => Check(new(new(0), Open.Id, new(2), new(1), ReplyStatus.SessionOpened, default, R1), history));
    }

    private static Request Open => new(new(Id1.Client, SessionId.None, 1), [], Bytes("open"));

    private static List<Batch> History() =>
    [
        BatchOf(Open),
        BatchOf(new Request(Id1, [KeyValueOperation.Increment("k")], Bytes("increment"))),
    ];

    private void Check(Reply reply, List<Batch> history)
    {
        var checker = new ReplyChecker(_report);
        checker.Accepted(new(reply.Request, [], default), new(reply, ReplicaSet.Empty));
        checker.Check(history, new() { Cluster = new(4) });
    }

    private static Reply Executed(RequestId id, long sequence, string[] values)
    {
        var results = new List<byte>([(byte)values.Length, 0, 0, 0]);
        foreach (var value in values)
        {
            // status ‖ length ‖ (outcome Written ‖ version 1 ‖ length ‖ value)
            results.AddRange([0, (byte)(13 + value.Length), 0, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0, (byte)value.Length, 0, 0, 0]);
            results.AddRange(Bytes(value));
        }

        return new(new(0), id, id.Session, new(sequence), ReplyStatus.Executed, results.ToArray(), R1);
    }

    /// <summary>With an envelope that ends with its signed part: what a client signed is compared, not its seal.</summary>
    private static Request RequestOf(RequestId id, string operation)
    {
        var body = Bytes($"{id} {operation}");
        var envelope = new byte[EnvelopeEncoding.HeaderBytes(MessageKind.Request) + body.Length];
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, default, new byte[EnvelopeEncoding.KeyBytes], body.Length);
        writer.WriteBytes(body);
        return new(id, [Bytes(operation)], envelope);
    }

    private static Batch BatchOf(params Request[] requests) => BatchEncoding.Encode(VirtualTime.Start, [.. requests]);

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static void Fails(string property, Action violation) =>
        Assert.StartsWith(property, Assert.Throws<SimulationFailedException>(violation).Message, StringComparison.Ordinal);
}
