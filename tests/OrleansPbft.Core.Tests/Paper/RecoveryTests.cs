using static OrleansPbft.Core.Tests.Claims;

namespace OrleansPbft.Core.Tests;

/// <summary>Starting again from the journal: rules D-1, D-3. A replica dies after every prefix of what it made durable, and never contradicts itself.</summary>
public sealed class RecoveryTests
{
    private static readonly PrePrepare[] Proposals = [Make.PrePrepare(1, Make.Open()), .. Enumerable.Range(2, 8).Select(static n => Make.PrePrepare(n, Make.Request(n - 1)))];

    /// <summary>D-3: whatever it is offered after a crash at any record, no vote differs from one that may have left before.</summary>
    [Fact]
    public void No_vote_ever_differs_from_one_before_the_crash()
    {
        var (votes, journal) = RunScript();
        Assert.True(votes.Count >= 20 && journal.Count >= 30, $"{votes.Count} votes, {journal.Count} records");
        for (var records = 0; records <= journal.Count; records++)
        {
            var again = new ReplicaUnderTest(self: 3, journal: journal.Take(records));
            var said = new List<Vote>(again.Votes);
            for (var view = 0L; view <= again.Replica.View.Number; view++)
            {
                for (var n = 1; n <= 16; n++)
                {
                    var other = Make.PrePrepare(n, Make.Batch(Make.Noon.Plus(TimeSpan.FromSeconds(n)), Make.Open(client: 50 + n)), sender: (int)view % 4, view: view);
                    again.Step(other);
                    said.AddRange(again.Votes);
                    foreach (var i in new[] { 0, 1, 2 }.Where(i => i != view % 4))
                    {
                        again.Step(Make.Prepare(other, i));
                        said.AddRange(again.Votes);
                    }
                }
            }

            foreach (var vote in said)
            {
                foreach (var (before, at) in votes.Where(v => v.At <= records))
                {
                    if (before.Phase != vote.Phase || before.View != vote.View || before.Sequence != vote.Sequence) continue;
                    Assert.True(before.Digest == vote.Digest, $"after {records} records: {vote}, and before, at record {at}: {before}");
                }
            }
        }
    }

    /// <summary>D-3: what it says of its log when it leaves the view is what it would have said without the crash: h, P and Q, at every step.</summary>
    [Fact]
    public void P_and_Q_are_what_they_were()
    {
        var compared = 0;
        var inputs = new List<Input>();
        RunScript((replica, input) =>
        {
            inputs.Add(input);
            var again = new ReplicaUnderTest(self: 3, journal: [.. replica.Journal]);
            Assert.Equal((replica.Replica.View, replica.Replica.IsActive), (again.Replica.View, again.Replica.IsActive));
            Assert.Equal((replica.Replica.LastExecuted, replica.Replica.StableCheckpoint), (again.Replica.LastExecuted, again.Replica.StableCheckpoint));
            Assert.Equal(replica.State.ComputeDigest(), again.State.ComputeDigest());

            var never = new ReplicaUnderTest(self: 3); // never crashed: it leaves in place of the one that the script goes on with
            foreach (var one in inputs) never.Step(one);
            ViewChangeTests.Leave(never, 0, 2);
            ViewChangeTests.Leave(again, 0, 2);
            var (before, after) = (never.Broadcast<ViewChange>().Last(), again.Broadcast<ViewChange>().Last());
            Assert.Equal((before.View, before.StableCheckpoint), (after.View, after.StableCheckpoint));
            Assert.Equal(before.Checkpoints, after.Checkpoints);
            Assert.Equal(before.Prepared, after.Prepared);
            Assert.Equal(before.PrePrepared, after.PrePrepared);
            compared++;
        });

        Assert.True(compared > 40);
    }

    /// <summary>D-3: the VIEW-CHANGE for a view is the very one that was sent, whatever happened since.</summary>
    [Fact]
    public void The_view_change_of_a_view_is_the_one_that_was_sent()
    {
        var replica = new ReplicaUnderTest(self: 3);
        foreach (var proposal in Proposals[..3]) replica.Execute(proposal);
        replica.Step(Proposals[3]);
        ViewChangeTests.Leave(replica, 0, 2);
        var said = replica.Broadcast<ViewChange>().Single();

        var again = new ReplicaUnderTest(self: 3, journal: replica.Journal);

        Assert.Equal((new View(1), false), (again.Replica.View, again.Replica.IsActive));
        again.Tick(again.Options.StatusInterval);
        again.Tick(again.Options.StatusInterval);
        Assert.True(Assert.Single(again.Broadcast<ViewChange>()).SaysTheSame(said));
        again.Step(Proposals[4]);
        Assert.Empty(again.Votes); // of a view that it left
        again.Step(Make.Open(9));
        again.Tick(TimeSpan.FromMinutes(1));
        Assert.Empty(again.Broadcast<Suspect>()); // no timer runs between views
    }

    /// <summary>D-3: what committed is executed again, to the same state; what it had answered it can answer again.</summary>
    [Fact]
    public void What_committed_is_executed_again_from_the_stable_checkpoint()
    {
        var replica = Stable();

        var again = new ReplicaUnderTest(self: 3, journal: replica.Journal);

        Assert.Equal(new(6), again.Replica.LastExecuted);
        Assert.Equal(new(4), again.Replica.StableCheckpoint);
        Assert.Equal(replica.Service.Applied, again.Service.Applied);
        Assert.Equal(replica.State.ComputeDigest(), again.State.ComputeDigest());
        again.Step(Make.Request(1));
        Assert.Equal(ReplyStatus.Executed, Assert.Single(again.Replies).Status);
        again.Execute(Proposals[6]);
    }

    /// <summary>D-1: records that a later stable checkpoint covers may be gone.</summary>
    [Fact]
    public void Records_below_the_stable_checkpoint_may_be_missing()
    {
        var replica = Stable();
        var stable = replica.Journal.FindIndex(static r => r.Kind == JournalRecordKind.StableCheckpoint);

        var again = new ReplicaUnderTest(
            self: 3, journal: [replica.Journal[stable], .. replica.Journal.Where((r, i) => i != stable && r.Sequence > new SequenceNumber(4))]);

        Assert.Equal(new(6), again.Replica.LastExecuted);
        Assert.Equal(replica.State.ComputeDigest(), again.State.ComputeDigest());
        var donor = again;
        donor.Step(new FetchChunks(new(4), [ChunkId.Header], new(1))); // and it serves the state it started from
        Assert.NotEmpty(Assert.Single(donor.Sent<Chunks>(1)).Items);
    }

    /// <summary>D-3: not every stable checkpoint's state is kept. What committed after the newest that is, is executed again up to the window, and beyond.</summary>
    [Theory]
    [InlineData(0)] // none
    [InlineData(4)]
    [InlineData(8)]
    public void What_committed_since_the_newest_state_kept_is_executed_again(int kept)
    {
        var replica = Stable(checkpoints: 3);
        JournalRecord[] journal = [.. replica.Journal.Where(r => r.Sequence.Value > kept || r.Subject is StateSnapshot)];
        for (var i = 0; i < journal.Length; i++)
        {
            if (journal[i].Subject is StateSnapshot && journal[i].Sequence.Value != kept) journal[i] = journal[i] with { Subject = null };
        }

        var again = new ReplicaUnderTest(self: 3, journal: journal);

        Assert.Equal(replica.Replica.Snapshot(), again.Replica.Snapshot());
        Assert.Equal(replica.Service.Applied, again.Service.Applied);
        again.Step(new FetchChunks(new(12), [ChunkId.Header], new(1))); // and it serves the state at the start of its window
        Assert.NotEmpty(Assert.Single(again.Sent<Chunks>(1)).Items);
        again.Step(Make.Request(1));
        Assert.Equal(ReplyStatus.Executed, Assert.Single(again.Replies).Status);
    }

    /// <summary>D-3: a null request has no proposal to be found; it is executed again all the same.</summary>
    [Fact]
    public void A_null_request_is_executed_again_too()
    {
        var expected = new ReplicaUnderTest(self: 3);
        for (var n = 1; n <= 4; n++) expected.State.Execute(new(n), n == 3 ? BatchEncoding.Null : Proposals[n - 1].Batch, View.Initial, new(3), new Outbox());
        var digest = expected.State.ComputeDigest();
        JournalRecord[] journal = [.. Stable().Journal
            .Where(static r => r.Sequence.Value <= 4 && !(r.Sequence.Value == 3 && r.Kind is JournalRecordKind.PrePrepared or JournalRecordKind.Prepared))
            .Select(r => r.Kind switch
            {
                JournalRecordKind.Committed when r.Sequence.Value == 3 => r with { Digest = BatchEncoding.Null.Digest },
                JournalRecordKind.StableCheckpoint => r with { Digest = digest, Subject = null },
                _ => r,
            })];

        var again = new ReplicaUnderTest(self: 3, journal: journal);

        Assert.Equal((new SequenceNumber(4), digest), (again.Replica.LastExecuted, again.State.ComputeDigest()));
    }

    /// <summary>D-3: where something is missing on the way to the window, the replica is behind: it keeps its window and its votes, and fetches the state.</summary>
    [Fact]
    public void A_gap_ends_the_replay_and_the_state_is_fetched()
    {
        var replica = Stable(checkpoints: 3);
        JournalRecord[] journal = [.. replica.Journal
            .Where(static r => r.Kind != JournalRecordKind.PrePrepared || r.Sequence.Value != 7)
            .Select(static r => r.Sequence.Value > 4 && r.Subject is StateSnapshot ? r with { Subject = null } : r)];

        var again = new ReplicaUnderTest(self: 3, journal: journal);

        Assert.Equal((new SequenceNumber(6), new SequenceNumber(12)), (again.Replica.LastExecuted, again.Replica.StableCheckpoint));
        again.Tick(again.Options.StatusInterval);
        again.Tick(again.Options.HeartbeatInterval);
        Assert.Equal(new(12), Assert.Single(again.Events(ProtocolEventKind.TransferStarted)).Sequence);
    }

    /// <summary>D-2, K-3: what is executed again must come to what q replicas certified; else service or options are not those of before.</summary>
    [Fact]
    public void A_replay_to_another_state_is_refused()
    {
        var replica = Stable(checkpoints: 2);
        JournalRecord[] journal = [.. replica.Journal.Select(static r => r.Sequence.Value == 8 && r.Kind == JournalRecordKind.StableCheckpoint
            ? r with { Digest = Make.Digest("another"), Subject = null }
            : r)];

        Assert.Contains("at n8", Assert.Throws<ArgumentException>(() => new ReplicaUnderTest(self: 3, journal: journal)).Message, StringComparison.Ordinal);
    }

    /// <summary>D-3: a replica that dies while it fetches state gives no vote twice differently that it gave in the window it had moved to.</summary>
    [Fact]
    public void Votes_given_during_a_transfer_are_known_after_a_crash_in_it()
    {
        var replica = new ReplicaUnderTest(self: 3);
        for (var i = 0; i < 2; i++) replica.Step(new Checkpoint(new(40), Make.Digest("far"), new(i)));
        Assert.Equal(ReplicaCondition.Behind, replica.Replica.Snapshot().Condition);
        replica.Step(Make.PrePrepare(41, Make.Request(41)));
        var vote = Assert.Single(replica.Votes);

        var again = new ReplicaUnderTest(self: 3, journal: replica.Journal);
        for (var i = 0; i < 2; i++) again.Step(new Checkpoint(new(40), Make.Digest("far"), new(i)));
        again.Step(Make.PrePrepare(41, Make.Request(42)));

        Assert.DoesNotContain(again.Votes, one => one.Digest != vote.Digest);
        Assert.Equal(new(40), again.Replica.StableCheckpoint);
    }

    /// <summary>D-3: a primary goes on behind what it proposed in its former life; what it proposed is sent again, sealed anew.</summary>
    [Fact]
    public void A_primary_reuses_no_sequence_number()
    {
        var cluster = new ClusterUnderTest();
        cluster.Submit(Make.Open());
        cluster.Loses = static (from, to, _) => from == 0 && to != 0; // proposed, and heard by nobody
        cluster.Submit(Make.Request(1));
        var proposed = cluster.BroadcastBy<PrePrepare>(0).ToArray();
        Assert.Equal([1, 2], proposed.Select(static p => p.Sequence.Value));
        cluster.Loses = static (_, _, _) => false;

        for (var records = cluster[0].Journal.Count; records >= 0; records--)
        {
            var sent = cluster[0].Journal.Take(records).Where(static r => r.Kind == JournalRecordKind.PrePrepared).Select(static r => r.Sequence.Value).DefaultIfEmpty(0).Max();
            var again = new ReplicaUnderTest(self: 0, journal: [.. cluster[0].Journal.Take(records)]);
            Assert.Equal(sent + 1, again.Effects.Last(static e => e.Kind == EffectKind.InformLeader).LeaderUpdate.NextSequence.Value);
        }

        cluster.Restart(0);
        cluster.Forget();
        cluster.Submit(Make.Request(2));
        Assert.True(cluster.Pass(TimeSpan.FromSeconds(4), () => cluster.Members.All(static m => m.Service.Applied.Count == 2)));
        Assert.Equal(View.Initial, cluster[1].Replica.View); // nobody had to suspect it
        Assert.DoesNotContain(cluster.Log, static l => l.Effect.Kind == EffectKind.Accuse);
        Assert.Equal(proposed[1].Digest, cluster[1].Journal.First(static r => r.Sequence.Value == 2).Digest);
    }

    /// <summary>D-3: all replicas die at once and start again: nothing that was acknowledged is lost, and they go on.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(11)]
    public void All_at_once(int requests)
    {
        var cluster = new ClusterUnderTest();
        cluster.Submit(Make.Open());
        for (var i = 1; i <= requests; i++) cluster.Submit(Make.Request(i));
        cluster.Pass(TimeSpan.FromSeconds(1));
        var before = cluster[0].Service.Applied.ToArray();
        for (var i = 0; i < 4; i++) cluster.Restart(i);

        Assert.All(cluster.Members, m => Assert.Equal(before, m.Service.Applied));
        cluster.Forget();
        cluster.Submit(Make.Request(requests), Make.Request(requests + 1));
        Assert.True(cluster.Pass(TimeSpan.FromSeconds(5), () => cluster.Members.All(m => m.Service.Applied.Count == requests + 1)));
        Assert.Equal(requests + 1, cluster[1].Service.Applied.Distinct().Count());
    }

    /// <summary>D-3: a view change that was under way when all died goes on.</summary>
    [Fact]
    public void All_at_once_during_a_view_change()
    {
        var cluster = new ClusterUnderTest();
        cluster.Submit(Make.Open());
        cluster.Loses = static (_, _, input) => input.Kind is InputKind.NewView or InputKind.ViewChange;
        cluster.Cut.Add(0);
        cluster.Submit(Make.Request(1));
        Assert.True(cluster.Pass(TimeSpan.FromSeconds(4), () => cluster.Members[1..].All(static m => !m.Replica.IsActive)));
        cluster.Loses = static (_, _, _) => false;
        for (var i = 1; i < 4; i++) cluster.Restart(i);
        cluster.Submit(Make.Request(1));

        Assert.True(cluster.Pass(TimeSpan.FromSeconds(10), () => cluster.Members[1..].All(static m => m.Service.Applied.Count == 1)));
        Assert.DoesNotContain(cluster.Log, static l => l.Effect.Kind == EffectKind.Accuse);
    }

    /// <summary>D-1: a journal that is another's, or damaged, is refused.</summary>
    [Fact]
    public void A_journal_that_can_not_be_ours_is_refused()
    {
        Assert.Throws<ArgumentException>(static () => new ReplicaUnderTest(journal: [new(JournalRecordKind.None, default, default, default, null)]));
        var stable = Stable().Journal.Single(static r => r.Kind == JournalRecordKind.StableCheckpoint);
        var another = new StateUnderTest();
        another.Execute(StateUnderTest.Fill(5));
        while (another.State.LastExecuted < stable.Sequence) another.Execute(Make.Batch(Make.Noon));

        Assert.Throws<ArgumentException>(() => new ReplicaUnderTest(journal: [stable with { Subject = another.State.TakeSnapshot() }]));
    }

    /// <summary>So many stable checkpoints, and two more executed.</summary>
    private static ReplicaUnderTest Stable(int checkpoints = 1)
    {
        var replica = new ReplicaUnderTest(self: 3);
        for (var n = 1; n <= (4 * checkpoints) + 2; n++)
        {
            replica.Execute(n <= Proposals.Length ? Proposals[n - 1] : Make.PrePrepare(n, Make.Request(n - 1)));
            for (var i = 0; i < 3 && n % 4 == 0; i++) replica.Step(new Checkpoint(new(n), replica.State.ComputeDigest(), new(i)));
        }

        Assert.Equal(new(4 * checkpoints), replica.Replica.StableCheckpoint);
        return replica;
    }

    /// <summary>Replica 3 through three views, a stable checkpoint, choices old, null and lacking, and slots in every phase.</summary>
    /// <returns>Each vote it sent, with how many records there were by then; and those records.</returns>
    private static (List<(Vote Vote, int At)> Votes, List<JournalRecord> Journal) RunScript(Action<ReplicaUnderTest, Input>? after = null)
    {
        var replica = new ReplicaUnderTest(self: 3);
        var votes = new List<(Vote, int)>();
        void Step(Input input)
        {
            replica.Step(input);
            votes.AddRange(replica.Votes.Select(v => (v, replica.Journal.Count)));
            after?.Invoke(replica, input);
        }

        void Vote(PrePrepare proposal, VotePhase phase, params int[] of)
        {
            foreach (var i in of) Step(Input.Of(phase == VotePhase.Prepare ? Make.Prepare(proposal, i) : Make.Commit(proposal, i)));
        }

        foreach (var proposal in Proposals[..5])
        {
            Step(Input.Of(proposal));
            Vote(proposal, VotePhase.Prepare, 1, 2);
            Vote(proposal, VotePhase.Commit, 0, 1, 2);
        }

        var digest = Assert.Single(replica.Journal, static r => r.Kind == JournalRecordKind.Committed && r.Sequence.Value == 4).Digest;
        Assert.Equal(Proposals[3].Digest, digest);
        var reference = new ReplicaUnderTest(self: 2);
        foreach (var proposal in Proposals[..4]) reference.Execute(proposal);
        for (var i = 0; i < 3; i++) Step(Input.Of(new Checkpoint(new(4), reference.State.ComputeDigest(), new(i))));
        Assert.Equal(new(4), replica.Replica.StableCheckpoint);

        Step(Input.Of(Proposals[5]));
        Vote(Proposals[5], VotePhase.Prepare, 1); // prepared, not committed
        Step(Input.Of(Proposals[6])); // proposed, not prepared
        Suspect(0);
        Step(Input.Of(Of(0, view: 1)));
        Suspect(1);

        HeldCheckpoint held = new(new(4), reference.State.ComputeDigest());
        LogEntry sixth = new(new(6), Proposals[5].Digest, View.Initial);
        LogEntry eighth = new(new(8), Proposals[7].Digest, View.Initial); // lacking here
        ViewChange Naming(int sender) => new(new(2), new(4), [held], [sixth, eighth], [sixth, eighth], new(sender), Make.Bytes($"{sender}"));
        Step(Input.Of(ViewChangeTests.NewView(replica, 2, Naming(0), Naming(1), Of(2, view: 2, stable: 4, held: held))));
        var chosen = new PrePrepare(new(2), new(6), Proposals[5].Batch, new(2));
        Vote(chosen, VotePhase.Prepare, 0, 1);
        Step(Input.Of(new FetchedBatch(new(8), Proposals[7].Batch, new(1))));
        Vote(new(new(2), new(5), BatchEncoding.Null, new(2)), VotePhase.Prepare, 0, 1);
        Step(Input.Of(Make.PrePrepare(9, Make.Batch(Proposals[8].Batch.Timestamp, Make.Request(8)), sender: 2, view: 2)));
        Suspect(2);
        return (votes, replica.Journal);

        void Suspect(long view)
        {
            foreach (var i in new[] { 0, 1 }) Step(Input.Of(new Suspect(new(view), new(i))));
        }
    }
}
