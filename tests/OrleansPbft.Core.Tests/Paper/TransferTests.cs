using static OrleansPbft.Core.Tests.Claims;

namespace OrleansPbft.Core.Tests;

/// <summary>State transfer between replicas: rules ST-1 ... ST-3, VC-6, K-3 (LESSONS B38 ... B42). K = 4, L = 8 throughout.</summary>
public sealed class TransferTests
{
    private const int Far = 20;

    /// <summary>ST-1: a target is a checkpoint that f + 1 replicas vouch for; f are not enough, nor are different digests.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(10)]
    public void F_plus_1_vouch_for_a_target(int replicas)
    {
        var behind = new ReplicaUnderTest(self: 3, replicas);
        var f = behind.Options.Cluster.MaxFaulty;
        int[] others = [.. Enumerable.Range(0, replicas).Where(static i => i != 3)];
        for (var i = 0; i < f; i++) behind.StepAll(new Checkpoint(new(Far), D("x"), new(others[i])), new Checkpoint(new(Far), D("x"), new(others[i])));
        behind.Step(new Checkpoint(new(Far), D("y"), new(others[f])));
        Assert.Empty(behind.Events(ProtocolEventKind.TransferStarted));

        behind.Step(new Checkpoint(new(Far), D("x"), new(others[f + 1])));

        Assert.Equal(D("x"), Assert.Single(behind.Events(ProtocolEventKind.TransferStarted)).Digest);
        Assert.Equal(ReplicaCondition.Behind, behind.Replica.Snapshot().Condition);
        Assert.Equal(ChunkId.Header, Assert.Single(Fetches(behind)).Fetch.Ids.Single());
    }

    /// <summary>ST-1, ST-3: the state comes in chunks from several donors at once, and the log goes on from the target.</summary>
    [Fact]
    public void The_state_comes_from_several_donors_and_the_log_goes_on()
    {
        var donors = Donors(operations: 8); // more chunks than one is asked for at a time
        var behind = Behind(donors);
        var asked = new HashSet<int>();
        Serve(behind, donors, through: (donor, chunks) =>
        {
            asked.Add(donor);
            return chunks;
        });

        Assert.True(asked.Count > 1);
        Assert.Equal(new(Far), behind.Replica.LastExecuted);
        Assert.Equal(new(Far), behind.Replica.StableCheckpoint);
        Assert.Equal(donors[0].State.ComputeDigest(), behind.State.ComputeDigest());
        Assert.Equal(donors[0].Service.Applied, behind.Service.Applied);
        var completed = Assert.Single(behind.Events(ProtocolEventKind.TransferCompleted));
        Assert.True(completed.Amount > 1_000_000);
        var records = behind.Journal.Where(static r => r.Kind == JournalRecordKind.StableCheckpoint).ToArray();
        Assert.Equal([null, new SequenceNumber(Far)], records.Select(static r => (r.Subject as StateSnapshot)?.Sequence)); // the window moved before the state came (D-3)
        Assert.Equal(ReplicaCondition.Normal, behind.Replica.Snapshot().Condition);

        behind.Execute(Make.PrePrepare(Far + 1, Make.Request(Far)));
        Assert.Single(behind.Replies);
    }

    /// <summary>ST-3: votes go on during the transfer, and what commits meanwhile executes after it, in order.</summary>
    [Fact]
    public void What_commits_during_the_transfer_executes_after_it()
    {
        var donors = Donors();
        var behind = Behind(donors);
        var asked = Fetches(behind).ToArray();
        var next = Make.PrePrepare(Far + 1, Make.Request(Far));
        behind.Step(next);
        Assert.Equal([VotePhase.Prepare], behind.Votes.Select(static v => v.Phase)); // the window has moved
        foreach (var i in new[] { 1, 2 }) behind.Step(Make.Prepare(next, i));
        foreach (var i in new[] { 0, 1, 2 }) behind.Step(Make.Commit(next, i));
        Assert.Equal(SequenceNumber.Zero, behind.Replica.LastExecuted);

        Serve(behind, donors, asked);

        Assert.Equal(new(Far + 1), behind.Replica.LastExecuted);
        Assert.Equal($"op 1/1/{Far}", behind.Service.Applied[^1]);
    }

    /// <summary>ST-1 (B39): a donor whose chunk is not what its digest says is accused, and not asked again; the others do.</summary>
    [Fact]
    public void A_lying_donor_is_accused_and_dropped()
    {
        var donors = Donors();
        var behind = Behind(donors);
        var lies = 0;
        var accused = new List<Evidence>();
        Serve(behind, donors, through: (donor, chunks) =>
        {
            if (donor != 0) return chunks;
            lies++;
            return chunks with { Items = [.. chunks.Items.Select(static c => c with { Bytes = c.Bytes.ToArray().Reverse().ToArray() })] };
        }, accused: accused.AddRange);

        Assert.Equal(1, lies);
        Assert.Equal([(EvidenceKind.WrongChunk, 0)], accused.Select(static e => (e.Kind, e.Accused.Index)));
        Assert.Equal(donors[0].State.ComputeDigest(), behind.State.ComputeDigest());
    }

    /// <summary>ST-1: neither is one that mixes a lie with what is true, however much that helps.</summary>
    [Fact]
    public void A_donor_that_lies_a_little_is_dropped_too()
    {
        var donors = Donors(operations: 8);
        var behind = Behind(donors);
        var lies = 0;
        Serve(behind, donors, through: (donor, chunks) =>
        {
            if (donor != 0 || chunks.Items is not [.. var good, var last] || good.IsEmpty) return chunks;
            lies++;
            return chunks with { Items = [.. good, last with { Bytes = last.Bytes.ToArray().Reverse().ToArray() }] };
        });

        Assert.Equal(1, lies);
        Assert.Equal(donors[0].State.ComputeDigest(), behind.State.ComputeDigest());
    }

    /// <summary>ST-1: a donor that stalls is left alone, and what it owes is asked of others.</summary>
    [Fact]
    public void A_stalling_donor_is_replaced()
    {
        var donors = Donors();
        var behind = Behind(donors);
        Serve(behind, donors, through: static (donor, chunks) => donor == 0 ? null : chunks);
        Assert.NotEqual(new(Far), behind.Replica.LastExecuted); // it owes some

        behind.Tick((behind.Options.StatusInterval * 4) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(behind.Events(ProtocolEventKind.DonorDropped));
        behind.Tick(TimeSpan.FromMilliseconds(1));

        Assert.Equal(new ReplicaId(0), Assert.Single(behind.Events(ProtocolEventKind.DonorDropped)).About);
        Assert.Equal([1], Fetches(behind).Select(static f => f.To));
        Serve(behind, donors, through: static (donor, chunks) => donor == 0 ? null : chunks);
        Assert.Equal(donors[0].State.ComputeDigest(), behind.State.ComputeDigest());
    }

    /// <summary>ST-1: where every donor stalls, all are asked again: no stop without an exit.</summary>
    [Fact]
    public void When_all_stall_all_are_asked_again()
    {
        var donors = Donors();
        var behind = Behind(donors);
        for (var i = 0; i < 12; i++) behind.Tick(behind.Options.StatusInterval * 64);

        Serve(behind, donors);

        Assert.Equal(new(Far), behind.Replica.LastExecuted);
    }

    /// <summary>ST-1: chunks of another state, or where none is fetched, change nothing and blame nobody; true ones are taken from whoever sends them.</summary>
    [Fact]
    public void Chunks_that_nobody_asked_for_are_ignored()
    {
        var donors = Donors();
        var fresh = new ReplicaUnderTest(self: 3);
        fresh.Step(new Chunks(new(Far), [], new(1)));
        Assert.Equal([IgnoreReason.NotWanted], fresh.Ignored);

        var behind = Behind(donors);
        var (to, fetch) = Fetches(behind).Single();
        var answer = Answer(donors[to], fetch);
        behind.Step(answer with { Sequence = new(Far - 4) });
        Assert.Equal([IgnoreReason.NotWanted], behind.Ignored);
        behind.Step(answer with { Sender = new(3) });
        Assert.Equal([IgnoreReason.UnknownReplica], behind.Ignored);
        Assert.Empty(behind.Accusations);
        behind.Step(answer with { Sender = new((to + 1) % 3) });
        Assert.NotEmpty(Fetches(behind)); // of what the header names

        Serve(behind, donors);
        Assert.Equal(new(Far), behind.Replica.LastExecuted);
    }

    /// <summary>ST-2 (B42): a donor that dropped the target says so and names its newer one; f + 1 that do make it the target.</summary>
    [Fact]
    public void A_target_that_donors_dropped_is_replaced_by_a_newer_one()
    {
        var donors = Donors();
        var behind = Behind(donors);
        const int newer = Far + 24; // they keep the last few
        foreach (var donor in donors) Run(donor, Far + 1, newer);
        var (to, fetch) = Fetches(behind).Single();

        var (empty, hints) = (donors[to].Step(fetch), donors.Select(d => (d.Step(fetch), d.Sent<Checkpoint>(3).Single()).Item2).ToArray());
        Assert.NotEmpty(empty);
        Assert.All(hints, static hint => Assert.Equal(new(newer), hint.Sequence));
        behind.StepAll(hints);
        behind.Step(Answer(donors[to], fetch));
        Assert.Equal(new SequenceNumber(newer), Fetches(behind).Single().Fetch.Sequence);

        Serve(behind, donors);
        Assert.Equal(new(newer), behind.Replica.LastExecuted);
        Assert.Equal(donors[0].State.ComputeDigest(), behind.State.ComputeDigest());
    }

    /// <summary>N-8: a donor serves one peer so many answers in an interval, and each up to a size.</summary>
    [Fact]
    public void A_donor_serves_within_bounds()
    {
        var donor = Donors()[0];
        var fetch = new FetchChunks(new(Far), [ChunkId.Header], new(3));
        var served = 0;
        while (donor.Step(fetch).Any(static e => e.Kind == EffectKind.Send)) served++;
        Assert.Equal([IgnoreReason.TooSoon], donor.Ignored);
        Assert.InRange(served, 8, 64);
        donor.Step(fetch with { Sender = new(1) });
        Assert.Single(donor.Sent<Chunks>(1));
        donor.Step(fetch with { Sender = new(0) });
        Assert.Equal([IgnoreReason.UnknownReplica], donor.Ignored);
    }

    /// <summary>VC-6: requests that waited here and were executed in the state fetched are answered from it, once.</summary>
    [Fact]
    public void Requests_executed_in_the_fetched_state_are_answered()
    {
        var donors = Donors();
        var behind = new ReplicaUnderTest(self: 3);
        behind.Step(Make.Open());
        Announce(behind, donors);

        var replies = new List<Reply>();
        Serve(behind, donors, replied: replies.AddRange);

        Assert.Equal((ReplyStatus.SessionOpened, new SequenceNumber(1)), replies.Select(static r => (r.Status, r.Sequence)).Single());
        Assert.Equal(0, behind.Replica.Pending);
        behind.Tick(TimeSpan.FromMinutes(1));
        Assert.Empty(behind.Broadcast<Suspect>());
    }

    /// <summary>VC-6: who fetches the state does not vote the primary down for what is late meanwhile.</summary>
    [Fact]
    public void A_replica_that_is_behind_blames_nobody()
    {
        var behind = new ReplicaUnderTest(self: 3);
        behind.Step(Make.Open());
        Announce(behind, Donors());

        for (var i = 0; i < 40; i++)
        {
            behind.Tick(TimeSpan.FromSeconds(1));
            Assert.Empty(behind.Broadcast<Suspect>());
        }
    }

    /// <summary>VC-6 (B30): who lacks the base of a new view fetches it, votes for the choices above it, and leaves the primary alone.</summary>
    [Fact]
    public void The_base_of_a_new_view_is_fetched()
    {
        var donors = Donors();
        var behind = new ReplicaUnderTest(self: 3);
        HeldCheckpoint held = new(new(Far), donors[0].State.ComputeDigest());
        var next = Make.PrePrepare(Far + 1, Make.Request(Far));
        behind.Step(ViewChangeTests.NewView(
            behind,
            1,
            Of(0, $"{Far + 1}:null@0", $"{Far + 1}:null@0", Far, view: 1, held: held),
            Of(1, "", $"{Far + 1}:null@0", Far, view: 1, held: held),
            Of(2, view: 1, stable: Far, held: held)));

        Assert.Equal([(new SequenceNumber(Far + 1), BatchEncoding.Null.Digest)], behind.Votes.Select(static v => (v.Sequence, v.Digest)));
        Assert.Equal(held.Digest, Assert.Single(behind.Events(ProtocolEventKind.TransferStarted)).Digest);
        Serve(behind, donors);
        Assert.Equal(new(Far), behind.Replica.LastExecuted);
        Assert.Equal((new View(1), true), (behind.Replica.View, behind.Replica.IsActive));
    }

    /// <summary>K-3 (B38): a replica whose state rotted alarms, neither votes nor replies, repairs itself, and speaks again.</summary>
    [Fact]
    public void A_replica_whose_state_rotted_repairs_itself()
    {
        var donors = Donors(last: 4);
        var rotten = new ReplicaUnderTest(self: 3).WithSession();
        rotten.Execute(Big(2));
        rotten.Service.Corrupt();
        rotten.Execute(Big(3));
        rotten.Execute(Big(4));
        Assert.Empty(rotten.Events(ProtocolEventKind.StateDiverged));

        Announce(rotten, donors, 4);
        Assert.Single(rotten.Events(ProtocolEventKind.StateDiverged));
        Assert.Equal(ReplicaCondition.Diverged, rotten.Replica.Snapshot().Condition);
        List<(int, FetchChunks)> fetches = [.. Fetches(rotten)];
        var next = Make.PrePrepare(5, Make.Request(4));
        rotten.Step(next);
        Assert.Empty(rotten.Votes);
        rotten.Step(Make.Request(1));
        Assert.Empty(rotten.Replies);
        rotten.Step(new FetchBatch(new(5), next.Digest, new(0)));
        Assert.Empty(rotten.Sent<FetchedBatch>(0));

        var chunks = Answer(donors[fetches[0].Item1], fetches[0].Item2);
        rotten.Step(chunks);
        Serve(rotten, donors);

        Assert.Equal(ReplicaCondition.Normal, rotten.Replica.Snapshot().Condition);
        Assert.Equal(donors[0].State.ComputeDigest(), rotten.State.ComputeDigest());
        rotten.Step(Make.Request(1));
        Assert.Single(rotten.Replies);
        var after = Make.PrePrepare(6, Make.Request(5));
        rotten.Step(after);
        Assert.Equal([VotePhase.Prepare], rotten.Votes.Select(static v => v.Phase));
    }

    /// <summary>ST-2 (B42), VC-9: under load that never stops, a replica cut off for several checkpoints comes back, and keeps up.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    public void A_replica_cut_off_comes_back_under_load(int replicas)
    {
        var cluster = new ClusterUnderTest(replicas);
        cluster.Submit(Make.Open());
        cluster.Cut.Add(3);
        var number = 0;
        for (var i = 0; i < 20; i++) cluster.Submit(Make.Request(++number));
        cluster.Cut.Clear();

        var back = false;
        for (var i = 0; i < 60 && !back; i++)
        {
            cluster.Submit(Make.Request(++number));
            cluster.Pass(TimeSpan.FromMilliseconds(100));
            back = cluster[3].Replica.LastExecuted == cluster[1].Replica.LastExecuted;
        }

        Assert.True(back);
        Assert.NotEmpty(cluster.Events(3, ProtocolEventKind.TransferCompleted));
        cluster.AssertAllAt(cluster[1].Replica.LastExecuted.Value, [.. Enumerable.Range(0, replicas)]);
        Assert.All(cluster.Members, static m => Assert.Equal(View.Initial, m.Replica.View));
    }

    /// <summary>Three replicas that executed up to <paramref name="last"/>, with some hundred kilobytes of state, all of it stable.</summary>
    internal static ReplicaUnderTest[] Donors(int last = Far, int operations = 2) => [.. Enumerable.Range(0, 3).Select(i =>
    {
        var donor = new ReplicaUnderTest(i).WithSession();
        Run(donor, 2, last, operations);
        return donor;
    })];

    internal static void Run(ReplicaUnderTest replica, int first, int last, int operations = 2)
    {
        for (var n = first; n <= last; n++)
        {
            replica.Execute(Big(n, operations));
            if (n % 4 != 0) continue;
            var digest = replica.State.ComputeDigest();
            for (var i = 0; i < 4; i++) replica.Step(new Checkpoint(new(n), digest, new(i)));
            Assert.Equal(new(n), replica.Replica.StableCheckpoint);
        }
    }

    internal static PrePrepare Big(int n, int operations = 2) =>
        Make.PrePrepare(n, Make.Request(n - 1, operations: [.. Enumerable.Range(0, operations).Select(i => $"op {n} {i}".PadRight(10_000))]));

    /// <summary>A replica that knows nothing but that the donors are at their last checkpoint.</summary>
    internal static ReplicaUnderTest Behind(ReplicaUnderTest[] donors)
    {
        var behind = new ReplicaUnderTest(self: 3);
        Announce(behind, donors);
        return behind;
    }

    internal static void Announce(ReplicaUnderTest behind, ReplicaUnderTest[] donors, int at = Far) =>
        behind.StepAll(donors.Select((donor, i) => new Checkpoint(new(at), donor.State.ComputeDigest(), new(i))));

    internal static IEnumerable<(int To, FetchChunks Fetch)> Fetches(ReplicaUnderTest replica) => replica.Effects
        .Where(static e => e is { Kind: EffectKind.Send, IsVote: false, Message: FetchChunks }).Select(static e => (e.To.Index, (FetchChunks)e.Message));

    internal static Chunks Answer(ReplicaUnderTest donor, FetchChunks fetch)
    {
        donor.Now = donor.Now.Plus(donor.Options.StatusInterval); // so that none is served too often
        donor.Step(fetch);
        return Assert.Single(donor.Sent<Chunks>(3));
    }

    /// <summary>Answers what is asked until nothing more is, as <paramref name="through"/> lets it.</summary>
    internal static void Serve(
        ReplicaUnderTest behind,
        ReplicaUnderTest[] donors,
        IEnumerable<(int To, FetchChunks Fetch)>? first = null,
        Func<int, Chunks, Chunks?>? through = null,
        Action<IEnumerable<Evidence>>? accused = null,
        Action<IEnumerable<Reply>>? replied = null)
    {
        var asked = new Queue<(int To, FetchChunks Fetch)>(first ?? Fetches(behind));
        for (var i = 0; asked.TryDequeue(out var ask); i++)
        {
            Assert.True(i < 1000, "The transfer never ends.");
            var answer = Answer(donors[ask.To], ask.Fetch);
            if ((through is null ? answer : through(ask.To, answer)) is not { } told) continue;
            behind.Step(told);
            accused?.Invoke(behind.Accusations);
            replied?.Invoke(behind.Replies);
            foreach (var next in Fetches(behind)) asked.Enqueue(next);
        }
    }
}
