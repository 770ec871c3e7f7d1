namespace OrleansPbft.Core.Tests;

/// <summary>Checkpoints and the window: PBFT 4.3, rules K-1 ... K-4, and what is resent (VC-9, normal case).</summary>
public sealed class CheckpointTests
{
    /// <summary>K-1: after executing a multiple of K a replica tells what its state digests to; q equal ones move the window.</summary>
    [Fact]
    public void Q_equal_checkpoints_make_it_stable_and_move_the_window()
    {
        var backup = new ReplicaUnderTest(); // K = 4, L = 8
        var own = RunTo(backup, 4);
        Assert.Equal(new(4), own.Sequence);
        Assert.Equal(backup.State.ComputeDigest(), own.Digest);

        backup.Step(Input.Of(own with { Sender = new(2) }));
        Assert.Equal(SequenceNumber.Zero, backup.Replica.StableCheckpoint);
        backup.Step(Input.Of(own with { Sender = new(2) }));
        Assert.Equal(SequenceNumber.Zero, backup.Replica.StableCheckpoint);
        backup.Step(Input.Of(own with { Sender = new(3) }));

        Assert.Equal(new(4), backup.Replica.StableCheckpoint);
        Assert.Contains(backup.Effects, e => e.Kind == EffectKind.Persist && e.Record.Kind == JournalRecordKind.StableCheckpoint);
        backup.Step(Make.PrePrepare(4, Make.Open()));
        Assert.Equal([IgnoreReason.BelowWindow], backup.Ignored);
        backup.Step(Make.PrePrepare(12, Make.Open()));
        Assert.Single(backup.Votes);
    }

    /// <summary>K-1: checkpoints with other digests do not add up; the one who changes its mind is accused.</summary>
    [Fact]
    public void Different_digests_do_not_make_a_checkpoint_stable()
    {
        var backup = new ReplicaUnderTest();
        var own = RunTo(backup, 4);

        backup.Step(Input.Of(own with { Sender = new(2), Digest = Make.Digest("x") }));
        backup.Step(Input.Of(own with { Sender = new(3), Digest = Make.Digest("y") }));
        backup.Step(Input.Of(own with { Sender = new(3) }));

        Assert.Equal(SequenceNumber.Zero, backup.Replica.StableCheckpoint);
        Assert.Equal([IgnoreReason.Contradiction], backup.Ignored);
        Assert.Equal(EvidenceKind.EquivocatingCheckpoint, Assert.Single(backup.Accusations).Kind);
        Assert.Equal(1, backup.Replica.Snapshot().Evidence);
    }

    /// <summary>K-4: a checkpoint the others reached first is remembered, and counts once we are there ourselves.</summary>
    [Fact]
    public void Checkpoints_of_faster_peers_count_once_executed()
    {
        var ahead = new ReplicaUnderTest(self: 2);
        var their = RunTo(ahead, 4);
        var backup = new ReplicaUnderTest(self: 1);
        foreach (var sender in new[] { 0, 2, 3 }) backup.Step(Input.Of(their with { Sender = new(sender) }));
        Assert.Equal(SequenceNumber.Zero, backup.Replica.StableCheckpoint);

        RunTo(backup, 4);

        Assert.Equal(new(4), backup.Replica.StableCheckpoint);
    }

    /// <summary>LESSONS B16, K-4: proposals ahead of a window that has yet to move are kept, and voted for when it does.</summary>
    [Fact]
    public void Proposals_ahead_of_the_window_get_their_vote_when_it_moves()
    {
        var backup = new ReplicaUnderTest();
        var own = RunTo(backup, 4);
        var ahead = Make.PrePrepare(9, Make.Open(client: 9));
        backup.Step(ahead);
        Assert.Empty(backup.Votes);

        backup.Step(Input.Of(own with { Sender = new(0) }));
        backup.Step(Input.Of(own with { Sender = new(3) }));

        Assert.Equal([new Vote(VotePhase.Prepare, View.Initial, new(9), ahead.Digest, new(1))], backup.Votes);
    }

    /// <summary>K-4: the window reaches h + L and not beyond, when it moves as before.</summary>
    [Fact]
    public void Proposals_ahead_get_their_vote_up_to_the_new_high_watermark()
    {
        var backup = new ReplicaUnderTest(); // L = 8
        var own = RunTo(backup, 4);
        foreach (var n in new[] { 12, 13 }) backup.Step(Make.PrePrepare(n, Make.Open(client: n)));

        foreach (var sender in new[] { 0, 3 }) backup.Step(Input.Of(own with { Sender = new(sender) }));

        Assert.Equal([new SequenceNumber(12)], backup.Votes.Select(static vote => vote.Sequence));
    }

    /// <summary>N-2: the leader learns of the window as soon as it moves.</summary>
    [Fact]
    public void The_leader_is_told_when_the_window_moves()
    {
        var primary = new ReplicaUnderTest(self: 0);
        var own = RunTo(primary, 4);
        foreach (var sender in new[] { 2, 3 }) primary.Step(Input.Of(own with { Sender = new(sender) }));

        Assert.Contains(primary.Effects, static e => e.Kind == EffectKind.InformLeader && e.LeaderUpdate.StableCheckpoint == new SequenceNumber(4));
    }

    /// <summary>K-3: a replica whose state is not the certified one raises an alarm and neither votes nor replies any more.</summary>
    [Fact]
    public void A_replica_with_another_state_than_certified_falls_silent()
    {
        var correct = RunTo(new ReplicaUnderTest(self: 2), 4);
        var backup = new ReplicaUnderTest(self: 1).WithSession();
        backup.Service.Corrupt();
        for (var n = 2; n <= 4; n++) backup.Execute(Make.PrePrepare(n, Make.Request(n - 1)));
        backup.Step(Make.Request(3));
        Assert.Single(backup.Replies);

        foreach (var sender in new[] { 0, 2, 3 }) backup.Step(Input.Of(correct with { Sender = new(sender) }));

        Assert.Contains(backup.Effects, e => e is { Kind: EffectKind.Report, Event.Kind: ProtocolEventKind.StateDiverged });
        Assert.Equal(ReplicaCondition.Diverged, backup.Replica.Snapshot().Condition);
        backup.Step(Make.PrePrepare(5, Make.Request(4)));
        Assert.Empty(backup.Votes);
        backup.Step(Make.Request(3));
        Assert.Empty(backup.Replies);
    }

    /// <summary>K-3: it notices too when the others were certified before it got there.</summary>
    [Fact]
    public void A_replica_that_arrives_late_with_another_state_falls_silent()
    {
        var correct = RunTo(new ReplicaUnderTest(self: 2), 4);
        var backup = new ReplicaUnderTest(self: 1).WithSession();
        backup.Service.Corrupt();
        foreach (var sender in new[] { 0, 2, 3 }) backup.Step(Input.Of(correct with { Sender = new(sender) }));

        for (var n = 2; n <= 4; n++) backup.Execute(Make.PrePrepare(n, Make.Request(n - 1)));

        Assert.Equal(ReplicaCondition.Diverged, backup.Replica.Snapshot().Condition);
        Assert.Contains(backup.Effects, e => e is { Kind: EffectKind.Send, IsVote: false, Message: FetchChunks { Sequence.Value: 4 } });
    }

    /// <summary>K-1: only multiples of K above the last stable one are checkpoints, and only replicas take them.</summary>
    [Fact]
    public void Checkpoints_elsewhere_are_ignored()
    {
        var backup = new ReplicaUnderTest();

        backup.Step(Input.Of(new Checkpoint(new(3), Make.Digest("x"), new(2))));
        Assert.Equal([IgnoreReason.NotACheckpoint], backup.Ignored);
        backup.Step(Input.Of(new Checkpoint(new(0), Make.Digest("x"), new(2))));
        Assert.Equal([IgnoreReason.BelowWindow], backup.Ignored);
        backup.Step(Input.Of(new Checkpoint(new(4), Make.Digest("x"), new(63))));
        Assert.Equal([IgnoreReason.UnknownReplica], backup.Ignored);
    }

    /// <summary>LESSONS B19: the reply cache survives the checkpoint that drops the log.</summary>
    [Fact]
    public void A_request_is_answered_from_the_cache_after_its_checkpoint()
    {
        var backup = new ReplicaUnderTest();
        var own = RunTo(backup, 4);
        foreach (var sender in new[] { 0, 3 }) backup.Step(Input.Of(own with { Sender = new(sender) }));
        Assert.Equal(new(4), backup.Replica.StableCheckpoint);

        backup.Step(Make.Request(1));

        Assert.Equal((ReplyStatus.Executed, new SequenceNumber(2)), backup.Replies.Select(r => (r.Status, r.Sequence)).Single());
    }

    /// <summary>VC-9: without progress a replica says where it stands and sends its open votes again; a peer answers with what is missing.</summary>
    [Fact]
    public void A_stalled_replica_asks_and_a_peer_answers_with_its_own_messages()
    {
        var stalled = new ReplicaUnderTest(self: 1);
        var proposal = Make.PrePrepare(1, Make.Open());
        stalled.Step(proposal);
        stalled.Tick(stalled.Options.StatusInterval);
        var status = Assert.Single(stalled.Effects, e => e is { Kind: EffectKind.Broadcast, Message: Status }).Message;
        Assert.Contains(stalled.Effects, e => e is { Kind: EffectKind.Send, IsVote: true, Vote.Phase: VotePhase.Prepare, To.Index: 2 });

        var peer = new ReplicaUnderTest(self: 2);
        peer.Execute(proposal);
        peer.Step(Input.Of((Status)status));

        Assert.Same(proposal, Assert.Single(peer.Effects, e => e.Kind == EffectKind.Relay).Message);
        Assert.Equal(
            [Make.Prepare(proposal, 2), Make.Commit(proposal, 2)], peer.Effects.Where(e => e is { Kind: EffectKind.Send, IsVote: true }).Select(e => e.Vote));
        peer.Step(Input.Of((Status)status));
        Assert.Equal([IgnoreReason.TooSoon], peer.Ignored);
    }

    /// <summary>VC-9: an idle replica asks for nothing, and seldom says where it stands: who missed the end of it hears of it.</summary>
    [Fact]
    public void A_replica_without_open_work_says_no_more_than_where_it_stands()
    {
        var backup = new ReplicaUnderTest().WithSession();

        Assert.DoesNotContain(backup.Tick(TimeSpan.FromMinutes(5)), e => e.Kind is EffectKind.Broadcast or EffectKind.Send);
        var heartbeat = Assert.Single(backup.Tick(backup.Options.HeartbeatInterval), e => e.Kind is EffectKind.Broadcast or EffectKind.Send);

        Assert.Equal(new Status(View.Initial, true, SequenceNumber.Zero, new(1), new(1)), heartbeat.Message);
        var missedIt = new ReplicaUnderTest(self: 2);
        missedIt.Step(Input.Of((Status)heartbeat.Message));
        Assert.Equal(
            new Status(View.Initial, true, SequenceNumber.Zero, SequenceNumber.Zero, new(2)), Assert.Single(missedIt.Effects, e => e.Kind == EffectKind.Send).Message);
    }

    /// <summary>K-2: equal histories digest equally; any difference in service, sessions or replies shows.</summary>
    [Fact]
    public void The_state_digest_covers_service_sessions_and_replies()
    {
        var digests = new List<Digest>();
        foreach (var second in new[] { Make.Request(1), Make.Request(1, operations: "other"), Make.Request(2), Make.Open(nonce: 99) })
        {
            var one = new ReplicaUnderTest(self: 1).WithSession();
            var two = new ReplicaUnderTest(self: 2).WithSession();
            one.Execute(Make.PrePrepare(2, second));
            two.Execute(Make.PrePrepare(2, second));
            Assert.Equal(one.State.ComputeDigest(), two.State.ComputeDigest());
            digests.Add(one.State.ComputeDigest());
        }

        Assert.Equal(digests.Count, digests.Distinct().Count());
    }

    /// <summary>K-1: a checkpoint said again counts once, and is counted among what had no effect.</summary>
    [Fact]
    public void A_checkpoint_said_again_is_ignored()
    {
        var backup = new ReplicaUnderTest();
        var other = RunTo(backup, 4) with { Sender = new(2) };
        backup.Step(Input.Of(other));
        Assert.Empty(backup.Ignored);

        backup.Step(Input.Of(other));

        Assert.Equal([IgnoreReason.Duplicate], backup.Ignored);
    }

    /// <summary>K-1: people are told of each stable checkpoint once, with its digest.</summary>
    [Fact]
    public void A_stable_checkpoint_is_told()
    {
        var backup = new ReplicaUnderTest();
        var own = RunTo(backup, 4);
        backup.Step(Input.Of(own with { Sender = new(2) }));
        Assert.Empty(backup.Events(ProtocolEventKind.CheckpointStable));

        backup.Step(Input.Of(own with { Sender = new(3) }));

        var told = Assert.Single(backup.Events(ProtocolEventKind.CheckpointStable));
        Assert.Equal((new(4), own.Digest), (told.Sequence, told.Digest));
    }

    /// <summary>In flight is what was proposed and not executed, whatever was executed before.</summary>
    [Fact]
    public void In_flight_is_what_is_open_beyond_what_is_executed()
    {
        var backup = new ReplicaUnderTest();
        RunTo(backup, 3);
        Assert.Equal(0, backup.Replica.InFlight);

        backup.Step(Make.PrePrepare(4, Make.Request(3)));
        backup.Step(Make.PrePrepare(5, Make.Request(4)));

        Assert.Equal(2, backup.Replica.InFlight);
        Assert.Equal(2, backup.Replica.Snapshot().InFlight);
    }

    private static Checkpoint RunTo(ReplicaUnderTest replica, int last)
    {
        replica.WithSession();
        for (var n = 2; n <= last; n++) replica.Execute(Make.PrePrepare(n, Make.Request(n - 1)));
        return new(new(last), replica.State.ComputeDigest(), replica.Replica.Snapshot().Id);
    }
}
