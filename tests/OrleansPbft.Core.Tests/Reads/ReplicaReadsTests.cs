using System.Text;

namespace OrleansPbft.Core.Tests;

/// <summary>What a replica answers to reads (C-7), and what it does not let them do.</summary>
public sealed class ReplicaReadsTests
{
    [Fact]
    public void A_read_is_answered_at_once_from_the_state_at_hand_and_orders_nothing()
    {
        var replica = new ReplicaUnderTest().WithSession();
        replica.Execute(Make.PrePrepare(2, Make.Request(1, operations: ["put"])));

        replica.Step(Make.Read(5, client: 9));

        var reply = Assert.Single(replica.ReadReplies);
        Assert.Equal((Make.Client(9), 5, new SequenceNumber(2), new SequenceNumber(2)), (reply.Client, reply.Number, reply.Executed, reply.Prepared));
        Assert.Equal((ReadStatus.Answered, new ReplicaId(1)), (reply.Status, reply.Sender));
        Assert.Equal(["Done put"], Results(reply));
        Assert.DoesNotContain(replica.Effects, static effect => effect.Kind is EffectKind.Order or EffectKind.Relay or EffectKind.Persist);
        Assert.Equal(0, replica.Replica.Pending);
    }

    [Fact]
    public void A_read_waits_for_what_was_prepared_when_it_came_and_for_nothing_prepared_later()
    {
        var replica = new ReplicaUnderTest().WithSession();
        var second = Make.PrePrepare(2, Make.Request(1, operations: ["second"]));
        var third = Make.PrePrepare(3, Make.Request(2, operations: ["third"]));
        Prepare(replica, second);
        Assert.Equal(new SequenceNumber(2), replica.Replica.HighestPrepared);

        replica.Step(Make.Read(1));
        Assert.Empty(replica.ReadReplies);
        Prepare(replica, third);
        Assert.Empty(replica.ReadReplies);
        Commit(replica, second);

        var reply = Assert.Single(replica.ReadReplies);
        Assert.Equal((2, 2), (reply.Executed.Value, reply.Prepared.Value));
        Assert.Equal(["Done second"], Results(reply));
    }

    [Fact]
    public void A_read_that_waited_names_what_was_prepared_when_it_came_although_more_is_executed()
    {
        var replica = new ReplicaUnderTest().WithSession();
        var second = Make.PrePrepare(2, Make.Request(1));
        var third = Make.PrePrepare(3, Make.Request(2));
        Prepare(replica, second);
        replica.Step(Make.Read(1));
        Commit(replica, third);
        Assert.Empty(replica.ReadReplies);

        Commit(replica, second); // and the third is executed with it, in the same step

        var reply = Assert.Single(replica.ReadReplies);
        Assert.Equal((3, 2), (reply.Executed.Value, reply.Prepared.Value));
    }

    [Fact]
    public void Where_there_is_no_room_to_wait_the_answer_comes_at_once_and_says_how_old_it_is()
    {
        var replica = new ReplicaUnderTest(configure: static options => options with { PendingMax = 4 }).WithSession();
        Prepare(replica, Make.PrePrepare(2, Make.Request(1)));
        for (var i = 1; i <= 4; i++)
        {
            replica.Now = replica.Now.Plus(TimeSpan.FromSeconds(1));
            replica.Step(Make.Read(i));
            Assert.Empty(replica.ReadReplies);
        }

        replica.Now = replica.Now.Plus(TimeSpan.FromSeconds(1));
        replica.Step(Make.Read(5));

        var reply = Assert.Single(replica.ReadReplies);
        Assert.Equal((5, 1, 2), (reply.Number, reply.Executed.Value, reply.Prepared.Value));
    }

    [Fact]
    public void What_was_prepared_is_named_ever_after()
    {
        var replica = new ReplicaUnderTest().WithSession();
        for (var n = 2; n <= 4; n++) replica.Execute(Make.PrePrepare(n, Make.Request(n)));
        var ahead = Make.PrePrepare(7, Make.Request(9));
        Prepare(replica, ahead);

        // A stable checkpoint drops the slots below it, and what is executed stays below 7.
        var own = replica.State.ComputeDigest();
        foreach (var peer in new[] { 0, 2, 3 }) replica.Step(Input.Of(new Checkpoint(new(4), own, new(peer))));

        Assert.Equal(new SequenceNumber(4), replica.Replica.StableCheckpoint);
        Assert.Equal(new SequenceNumber(7), replica.Replica.HighestPrepared);
    }

    [Fact]
    public void What_was_prepared_before_a_restart_is_named_after_it()
    {
        var before = new ReplicaUnderTest().WithSession();
        var second = Make.PrePrepare(2, Make.Request(1));
        var records = new List<JournalRecord>();
        records.AddRange(Records(before.Step(second)));
        foreach (var peer in new[] { 2, 3 }) records.AddRange(Records(before.Step(Make.Prepare(second, peer))));
        Assert.Contains(records, static record => record.Kind == JournalRecordKind.Prepared);

        var after = new ReplicaUnderTest();
        after.Replica.Recover(records);

        Assert.Equal(new SequenceNumber(2), after.Replica.HighestPrepared);

        static IEnumerable<JournalRecord> Records(Effect[] effects) =>
            effects.Where(static effect => effect.Kind == EffectKind.Persist).Select(static effect => effect.Record);
    }

    [Fact]
    public void Whatever_a_query_does_the_answer_is_definite_and_the_step_does_not_throw()
    {
        var replica = new ReplicaUnderTest().WithSession();
        var before = replica.State.ComputeDigest();

        replica.Step(Make.Read(1, 1, "last", "throw", "put", "huge", "last"));

        Assert.Equal(["Done nothing", "Failed ", "Rejected no such query", "ResultTooLarge ", "Done nothing"], Results(Assert.Single(replica.ReadReplies)));
        Assert.Equal(before, replica.State.ComputeDigest());
    }

    [Fact]
    public void Reads_outside_the_limits_are_ignored()
    {
        var replica = new ReplicaUnderTest(configure: static options => options with { OperationsMax = 2 });

        replica.Step(Make.Read(0));
        Assert.Equal([IgnoreReason.OutOfLimits], replica.Ignored);
        replica.Step(Make.Read(1, 1, "last", "last", "last"));
        Assert.Equal([IgnoreReason.OutOfLimits], replica.Ignored);
        replica.Step(new Read(Make.Client(), 1, [], Make.Bytes("x")));
        Assert.Equal([IgnoreReason.OutOfLimits], replica.Ignored);
        Assert.Empty(replica.ReadReplies);
    }

    [Fact]
    public void Too_many_reads_at_a_time_are_refused_with_a_hint_and_room_is_left_for_others()
    {
        var replica = new ReplicaUnderTest(configure: static options => options with { PendingMax = 8 });
        var statuses = new List<ReadStatus>();
        for (var i = 1; i <= 20; i++)
        {
            replica.Step(Make.Read(i, client: 1));
            statuses.Add(Assert.Single(replica.ReadReplies).Status);
        }

        Assert.Equal(4, statuses.Count(static status => status == ReadStatus.Answered)); // half the room, and its share of the rest is used up
        var refusal = Assert.Single(replica.ReadReplies);
        Assert.Equal(replica.Options.BusyRetryAfter, RetryHint.Decode(refusal.Results.Span, TimeSpan.Zero));
        Assert.Contains(replica.Effects, static effect => effect is { Kind: EffectKind.Report, Event.Kind: ProtocolEventKind.RefusedBusy });

        replica.Step(Make.Read(1, client: 2));
        Assert.Equal(ReadStatus.Answered, Assert.Single(replica.ReadReplies).Status);
        replica.Now = replica.Now.Plus(replica.Options.BusyRetryAfter);
        replica.Step(Make.Read(21, client: 1));
        Assert.Equal(ReadStatus.Answered, Assert.Single(replica.ReadReplies).Status);
    }

    [Fact]
    public void Large_answers_use_up_the_room_too()
    {
        var replica = new ReplicaUnderTest(configure: static options => options with { RequestBytesMax = 1024, PendingBytesMax = 1024, ResultBytesMax = 8192 });
        var many = Enumerable.Repeat("last", 100).ToArray();

        for (var i = 1; i <= 2; i++) replica.Step(Make.Read(i, 1, many));

        Assert.Equal(ReadStatus.Busy, Assert.Single(replica.ReadReplies).Status);
    }

    [Fact]
    public void A_replica_that_knows_its_state_to_be_wrong_answers_no_reads()
    {
        var replica = new ReplicaUnderTest().WithSession();
        for (var n = 2; n <= 3; n++) replica.Execute(Make.PrePrepare(n, Make.Request(n)));
        var fourth = Make.PrePrepare(4, Make.Request(4));
        Prepare(replica, fourth);
        replica.Step(Make.Read(1)); // it waits
        replica.Service.Corrupt();
        foreach (var peer in new[] { 0, 2, 3 }) replica.Step(Input.Of(new Checkpoint(new(4), Make.Digest("right"), new(peer))));

        Commit(replica, fourth);
        Assert.Equal(ReplicaCondition.Diverged, replica.Replica.Snapshot().Condition);
        Assert.Empty(replica.ReadReplies);
        replica.Step(Make.Read(2));
        Assert.Empty(replica.ReadReplies);
    }

    [Fact]
    public void A_reply_to_a_read_is_nothing_to_a_replica()
    {
        var replica = new ReplicaUnderTest();

        replica.Step(Input.Of(new ReadReply(default, Make.Client(), 1, new(9), new(9), ReadStatus.Answered, default, new(0))));

        Assert.Equal([IgnoreReason.WrongRole], replica.Ignored);
    }

    private static void Prepare(ReplicaUnderTest replica, PrePrepare proposal)
    {
        replica.Step(proposal);
        foreach (var peer in new[] { 2, 3 }) replica.Step(Make.Prepare(proposal, peer));
    }

    private static void Commit(ReplicaUnderTest replica, PrePrepare proposal)
    {
        replica.Step(proposal);
        foreach (var peer in new[] { 0, 2, 3 })
        {
            replica.Step(Make.Commit(proposal, peer));
            if (replica.ReadReplies.Any()) return;
        }
    }

    private static IEnumerable<string> Results(ReadReply reply)
    {
        Assert.True(OperationResults.TryRead(reply.Results, out var results));
        return results.Select(static result => $"{result.Status} {Encoding.UTF8.GetString(result.Data.Span)}");
    }
}
