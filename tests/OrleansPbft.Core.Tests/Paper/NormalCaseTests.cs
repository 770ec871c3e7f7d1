namespace OrleansPbft.Core.Tests;

/// <summary>The three phases: PBFT 4.2 sentence by sentence, rules N-2 ... N-6.</summary>
public sealed class NormalCaseTests
{
    /// <summary>N-3: prepared needs the PRE-PREPARE and q - 1 matching PREPAREs of distinct backups (2f at n = 3f + 1).</summary>
    [Fact]
    public void A_backup_commits_once_it_holds_the_pre_prepare_and_2f_matching_prepares()
    {
        var backup = new ReplicaUnderTest();
        var proposal = Make.PrePrepare(1, Make.Open());

        backup.Step(proposal); // its own PREPARE is the first of the 2f
        Assert.Equal([new Vote(VotePhase.Prepare, View.Initial, new(1), proposal.Digest, new(1))], backup.Votes);

        backup.Step(Make.Prepare(proposal, sender: 2));

        Assert.Equal([new Vote(VotePhase.Commit, View.Initial, new(1), proposal.Digest, new(1))], backup.Votes);
    }

    /// <summary>D-1: what a vote relies on is persisted before the vote leaves.</summary>
    [Fact]
    public void Persist_effects_come_before_the_votes_that_rely_on_them()
    {
        var backup = new ReplicaUnderTest();
        var proposal = Make.PrePrepare(1, Make.Open());

        var accepted = backup.Step(proposal);
        var prepared = backup.Step(Make.Prepare(proposal, sender: 2));

        Assert.True(IndexOfRecord(accepted, JournalRecordKind.PrePrepared) < Array.FindIndex(accepted, e => e.IsVote));
        Assert.True(IndexOfRecord(prepared, JournalRecordKind.Prepared) < Array.FindIndex(prepared, e => e.IsVote));
        Assert.Same(proposal, accepted[IndexOfRecord(accepted, JournalRecordKind.PrePrepared)].Record.Subject);

        static int IndexOfRecord(Effect[] effects, JournalRecordKind kind)
        {
            var index = Array.FindIndex(effects, e => e.Kind == EffectKind.Persist && e.Record.Kind == kind);
            Assert.True(index >= 0, $"nothing persisted {kind}");
            return index;
        }
    }

    /// <summary>N-4: committed needs q matching COMMITs of distinct replicas; then it executes and replies.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(10)]
    public void A_batch_executes_at_exactly_q_commits(int replicas)
    {
        var backup = new ReplicaUnderTest(self: 1, replicas);
        var cluster = backup.Options.Cluster;
        var proposal = Make.PrePrepare(1, Make.Open());
        backup.Step(proposal);
        for (var i = 2; i < 2 + cluster.PreparesNeeded - 1; i++)
        {
            Assert.DoesNotContain(backup.Votes, v => v.Phase == VotePhase.Commit);
            backup.Step(Make.Prepare(proposal, i));
        }

        Assert.Single(backup.Votes, v => v.Phase == VotePhase.Commit); // its own COMMIT is the first of q
        for (var counted = 2; counted < cluster.Quorum; counted++)
        {
            backup.Step(Make.Commit(proposal, sender: counted));
            Assert.Equal(SequenceNumber.Zero, backup.Replica.LastExecuted);
        }

        backup.Step(Make.Commit(proposal, sender: 0));

        Assert.Equal(new(1), backup.Replica.LastExecuted);
        Assert.Equal(ReplyStatus.SessionOpened, Assert.Single(backup.Replies).Status);
    }

    /// <summary>N-3: the primary's PRE-PREPARE is its vote: with f backups silent a slot still prepares (LESSONS B9).</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(10)]
    public void A_slot_prepares_with_f_backups_silent(int replicas)
    {
        var primary = new ReplicaUnderTest(self: 0, replicas);
        var proposal = Make.PrePrepare(1, Make.Open());
        primary.Step(proposal);

        for (var i = 1; i < replicas - primary.Options.Cluster.MaxFaulty; i++) primary.Step(Make.Prepare(proposal, i));

        Assert.Single(primary.Votes, v => v.Phase == VotePhase.Commit);
    }

    /// <summary>n = 1: the only replica is the quorum.</summary>
    [Fact]
    public void A_cluster_of_one_executes_its_own_proposal()
    {
        var only = new ReplicaUnderTest(self: 0, replicas: 1);

        only.Step(Make.PrePrepare(1, Make.Open()));

        Assert.Equal(new(1), only.Replica.LastExecuted);
    }

    /// <summary>N-2: accepted only from primary(v); anyone else's is evidence (LESSONS B4).</summary>
    [Fact]
    public void A_proposal_by_a_backup_is_refused_and_accused()
    {
        var backup = new ReplicaUnderTest();

        backup.Step(Make.PrePrepare(1, Make.Batch(Make.Noon, Make.Open()), sender: 2));

        Assert.Empty(backup.Votes);
        Assert.Equal((EvidenceKind.ProposalByBackup, new ReplicaId(2)), backup.Accusations.Select(a => (a.Kind, a.Accused)).Single());
    }

    /// <summary>N-2: accepted only in the current view.</summary>
    [Fact]
    public void A_proposal_of_another_view_is_ignored()
    {
        var backup = new ReplicaUnderTest();

        backup.Step(Make.PrePrepare(1, Make.Batch(Make.Noon, Make.Open()), sender: 1, view: 1));

        Assert.Equal([IgnoreReason.OtherView], backup.Ignored);
        Assert.Empty(backup.Votes);
    }

    /// <summary>N-2: no other digest accepted at (v, n): the first stands, the second is evidence with both envelopes.</summary>
    [Fact]
    public void A_second_proposal_at_one_sequence_is_evidence_and_changes_no_vote()
    {
        var backup = new ReplicaUnderTest();
        var first = Make.PrePrepare(1, Make.Open(client: 1));
        var second = Make.PrePrepare(1, Make.Open(client: 2));
        backup.Step(first);

        backup.Step(second);

        var evidence = Assert.Single(backup.Accusations);
        Assert.Equal(EvidenceKind.EquivocatingProposal, evidence.Kind);
        Assert.Equal((first.Digest, second.Digest), (evidence.First, evidence.Second));
        Assert.True(evidence.FirstEnvelope.Span.SequenceEqual(first.Envelope.Span));
        Assert.True(evidence.SecondEnvelope.Span.SequenceEqual(second.Envelope.Span));
        Assert.Empty(backup.Votes);
    }

    /// <summary>N-2: h &lt; n &lt;= h + L. One within the next window is kept and voted for when the window moves; beyond it nothing is kept.</summary>
    [Fact]
    public void A_proposal_beyond_the_window_gets_no_vote()
    {
        var backup = new ReplicaUnderTest(); // L = 8

        backup.Step(Make.PrePrepare(8, Make.Open()));
        Assert.Single(backup.Votes);

        backup.Step(Make.PrePrepare(9, Make.Open()));
        Assert.Empty(backup.Votes);
        Assert.Empty(backup.Ignored);

        backup.Step(Make.PrePrepare(17, Make.Open()));
        Assert.Equal([IgnoreReason.AboveWindow], backup.Ignored);

        backup.Step(Make.PrePrepare(0, Make.Open()));
        Assert.Equal([IgnoreReason.BelowWindow], backup.Ignored);
    }

    /// <summary>N-2: the proposed time is within bounds of the backup's clock, and after the previous proposal's.</summary>
    [Fact]
    public void A_proposal_with_an_untimely_timestamp_gets_no_vote()
    {
        var backup = new ReplicaUnderTest();
        var skew = backup.Options.TimestampSkewMax;

        backup.Step(Make.PrePrepare(1, Make.Batch(Make.Noon.Plus(skew + TimeSpan.FromMilliseconds(1)), Make.Open())));
        Assert.Equal([IgnoreReason.TimestampOutOfBounds], backup.Ignored);

        backup.Step(Make.PrePrepare(2, Make.Batch(Make.Noon.Plus(-skew - TimeSpan.FromMilliseconds(1)), Make.Open())));
        Assert.Equal([IgnoreReason.TimestampOutOfBounds], backup.Ignored);

        backup.Step(Make.PrePrepare(3, Make.Batch(Make.Noon.Plus(skew), Make.Open())));
        Assert.Single(backup.Votes);

        backup.Step(Make.PrePrepare(4, Make.Batch(Make.Noon.Plus(skew), Make.Open())));
        Assert.Equal([IgnoreReason.TimestampOutOfBounds], backup.Ignored); // not after its predecessor's
        Assert.Empty(backup.Votes);
    }

    /// <summary>N-4: q COMMITs and the batch suffice, even where this replica refused the proposal or missed every PREPARE.</summary>
    [Fact]
    public void Q_commits_execute_a_batch_this_replica_did_not_vote_for()
    {
        var backup = new ReplicaUnderTest();
        var untimely = Make.PrePrepare(1, Make.Batch(Make.Noon.Plus(TimeSpan.FromHours(1)), Make.Open()));
        backup.Step(untimely);
        Assert.Empty(backup.Votes);

        foreach (var sender in new[] { 0, 2, 3 }) backup.Step(Make.Commit(untimely, sender));

        Assert.Equal(new(1), backup.Replica.LastExecuted);
    }

    /// <summary>N-4: found by simulation, seed 235. A replica that missed a PREPARE and executed by q COMMITs gave no COMMIT of its
    /// own; one that had missed a COMMIT then waited for it in vain, as the fourth replica was a liar.</summary>
    [Fact]
    public void Q_commits_for_the_accepted_proposal_make_a_replica_commit_too()
    {
        var backup = new ReplicaUnderTest();
        var proposal = Make.PrePrepare(1, Make.Open());
        backup.Step(proposal);

        backup.Step(Make.Commit(proposal, sender: 0));
        backup.Step(Make.Commit(proposal, sender: 2));
        Assert.Empty(backup.Votes);
        backup.Step(Make.Commit(proposal, sender: 3));

        Assert.Equal([new Vote(VotePhase.Commit, View.Initial, new(1), proposal.Digest, new(1))], backup.Votes);
        Assert.Equal(proposal.Sequence, backup.Replica.LastExecuted);
        Assert.Equal(
            [JournalRecordKind.Prepared, JournalRecordKind.Committed],
            backup.Effects.Where(e => e.Kind == EffectKind.Persist).Select(e => e.Record.Kind));
    }

    /// <summary>N-4, LESSONS B3: COMMITs count only for the digest they name.</summary>
    [Fact]
    public void Commits_for_different_digests_do_not_add_up()
    {
        var backup = new ReplicaUnderTest();
        var proposal = Make.PrePrepare(1, Make.Open());
        backup.Step(proposal);
        backup.Step(Make.Prepare(proposal, sender: 2)); // own COMMIT counted

        backup.Step(Make.Commit(proposal, sender: 0));
        backup.Step(Make.Commit(proposal, sender: 2) with { Digest = Make.Digest("other") });
        backup.Step(Make.Commit(proposal, sender: 3) with { Digest = Make.Digest("other") });
        Assert.Equal(SequenceNumber.Zero, backup.Replica.LastExecuted);
    }

    /// <summary>N-3: PREPAREs count only for the digest they name (STYLE warning 3: a view change makes this visible, this test at once).</summary>
    [Fact]
    public void Prepares_for_another_digest_do_not_prepare_a_slot()
    {
        var backup = new ReplicaUnderTest();
        var proposal = Make.PrePrepare(1, Make.Open());
        backup.Step(proposal);

        backup.Step(Make.Prepare(proposal, sender: 2) with { Digest = Make.Digest("other") });
        backup.Step(Make.Prepare(proposal, sender: 3) with { Digest = Make.Digest("other") });

        Assert.Empty(backup.Votes);
    }

    /// <summary>N-6, LESSONS B1: a repeated vote counts once.</summary>
    [Fact]
    public void A_repeated_vote_counts_once()
    {
        var backup = new ReplicaUnderTest(replicas: 7); // needs 4 PREPAREs
        var proposal = Make.PrePrepare(1, Make.Open());
        backup.Step(proposal);

        for (var i = 0; i < 10; i++)
        {
            backup.Step(Make.Prepare(proposal, sender: 2));
            Assert.Empty(backup.Votes);
        }

        Assert.Equal([IgnoreReason.Duplicate], backup.Ignored);
    }

    /// <summary>N-6: a vote for another digest is evidence, and the first one stands.</summary>
    [Theory]
    [InlineData(VotePhase.Prepare)]
    [InlineData(VotePhase.Commit)]
    public void A_contradicting_vote_is_evidence(VotePhase phase)
    {
        var backup = new ReplicaUnderTest();
        var proposal = Make.PrePrepare(1, Make.Open());
        var vote = new Vote(phase, View.Initial, new(1), proposal.Digest, new(2));
        backup.Step(vote);

        backup.Step(vote with { Digest = Make.Digest("other") });

        var evidence = Assert.Single(backup.Accusations);
        Assert.Equal((EvidenceKind.EquivocatingVote, new ReplicaId(2)), (evidence.Kind, evidence.Accused));
        Assert.Equal((proposal.Digest, Make.Digest("other")), (evidence.First, evidence.Second));
    }

    /// <summary>N-3: PREPAREs are the backups'; the primary's own would be a second vote.</summary>
    [Fact]
    public void A_prepare_by_the_primary_does_not_count()
    {
        var backup = new ReplicaUnderTest();
        var proposal = Make.PrePrepare(1, Make.Open());
        backup.Step(proposal);

        backup.Step(Make.Prepare(proposal, sender: 0));

        Assert.Empty(backup.Votes);
        Assert.Equal(EvidenceKind.PrepareByPrimary, Assert.Single(backup.Accusations).Kind);
    }

    /// <summary>N-6, LESSONS B15: votes that arrive before their PRE-PREPARE are kept: every order of arrival executes.</summary>
    [Fact]
    public void Every_order_of_arrival_executes_the_batch()
    {
        var proposal = Make.PrePrepare(1, Make.Open());
        Input[] inputs =
        [
            Input.Of(proposal), Input.Of(Make.Prepare(proposal, 2)), Input.Of(Make.Prepare(proposal, 3)),
            Input.Of(Make.Commit(proposal, 0)), Input.Of(Make.Commit(proposal, 2)), Input.Of(Make.Commit(proposal, 3)),
        ];

        var orders = 0;
        foreach (var order in Permutations(Enumerable.Range(0, inputs.Length).ToArray()))
        {
            var backup = new ReplicaUnderTest();
            foreach (var index in order) backup.Step(inputs[index]);
            Assert.Equal(new(1), backup.Replica.LastExecuted);
            orders++;
        }

        Assert.Equal(720, orders);

        static IEnumerable<int[]> Permutations(int[] items)
        {
            if (items.Length <= 1) return [items];
            return items.SelectMany(item => Permutations([.. items.Where(other => other != item)]).Select(rest => (int[])[item, .. rest]));
        }
    }

    /// <summary>N-5, LESSONS B14: execution is strictly in sequence order, whatever the order of commits.</summary>
    [Fact]
    public void A_later_batch_waits_for_the_one_before_it()
    {
        var backup = new ReplicaUnderTest().WithSession();
        var second = Make.PrePrepare(2, Make.Request(1));
        var third = Make.PrePrepare(3, Make.Request(2));
        foreach (var proposal in new[] { third, second }) backup.Step(proposal);
        foreach (var sender in new[] { 0, 2, 3 }) backup.Step(Make.Commit(third, sender));
        Assert.Empty(backup.Service.Applied);

        foreach (var sender in new[] { 0, 2, 3 }) backup.Step(Make.Commit(second, sender));

        Assert.Equal(["op 1/1/1", "op 1/1/2"], backup.Service.Applied);
    }

    /// <summary>N-5: a null batch executes as nothing, and takes its place in the order.</summary>
    [Fact]
    public void A_null_batch_executes_as_nothing()
    {
        var backup = new ReplicaUnderTest();
        var proposal = Make.PrePrepare(1, BatchEncoding.Null);
        backup.Step(proposal);

        foreach (var sender in new[] { 0, 2, 3 }) backup.Step(Make.Commit(proposal, sender));

        Assert.Equal(new(1), backup.Replica.LastExecuted);
        Assert.Empty(backup.Service.Applied);
        Assert.Empty(backup.Replies);
    }

    /// <summary>N-8: whatever one peer sends, it has one vote a phase and sequence number of two windows, and nothing else is kept.</summary>
    [Fact]
    public void A_flood_of_votes_from_one_peer_neither_throws_nor_opens_work()
    {
        var backup = new ReplicaUnderTest();
        for (var n = -5L; n < 100; n++)
        {
            backup.Step(new Vote(VotePhase.Commit, View.Initial, new(n), Make.Digest($"{n}"), new(3)));
            backup.Step(new Vote(VotePhase.Prepare, new(long.MaxValue), new(long.MaxValue - n), Make.Digest($"{n}"), new(3)));
        }

        Assert.Equal(0, backup.Replica.Snapshot().InFlight);
        Assert.All(backup.Tick(TimeSpan.FromMinutes(1)), effect => Assert.Equal(EffectKind.WakeAt, effect.Kind));
    }

    /// <summary>A vote that names a replica outside the cluster is ignored.</summary>
    [Fact]
    public void A_vote_of_an_unknown_replica_is_ignored()
    {
        var backup = new ReplicaUnderTest();

        backup.Step(Make.Commit(Make.PrePrepare(1, Make.Open()), sender: 4));

        Assert.Equal([IgnoreReason.UnknownReplica], backup.Ignored);
    }
}
