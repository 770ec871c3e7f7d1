using System.Collections.Immutable;
using static OrleansPbft.Core.Tests.Claims;
using static OrleansPbft.Core.Tests.TransferTests;

namespace OrleansPbft.Core.Tests;

/// <summary>What one liar makes of the choices of a new view, of its timestamps and batches, and of a client: rules VC-5, N-2, A3, C-4.</summary>
public sealed class ChoiceTests
{
    private const int Far = 20;

    /// <summary>VC-5: a lying primary proposes something else where its NEW-VIEW chose a batch that we lack; then our window moves.</summary>
    [Fact]
    public void A_replica_never_votes_against_the_choice_of_the_new_view()
    {
        var (replica, digest, lie) = Misled();
        Assert.Empty(replica.Votes);
        Assert.Single(replica.Accusations);

        List<Vote> votes = [];
        foreach (var i in new[] { 0, 1, 2 })
        {
            replica.Step(new Checkpoint(new(4), digest, new(i)));
            votes.AddRange(replica.Votes);
        }

        Assert.DoesNotContain(votes, v => v.Digest == lie.Digest);
    }

    /// <summary>VC-4, VC-5: with the Q of a replica that voted against the choice, one liar could have what committed at n = 5 replaced in the next view.</summary>
    [Fact]
    public void What_committed_stays_chosen()
    {
        var (replica, digest, lie) = Misled();
        foreach (var i in new[] { 0, 1, 2 }) replica.Step(new Checkpoint(new(4), digest, new(i)));
        ViewChangeTests.Leave(replica, 0, 2);
        var mine = replica.Broadcast<ViewChange>().Last();

        // 0 and 2 are correct: both prepared A at 5 in view 0, one of them (and 1, the liar) committed it, so A may be executed. They never saw view 1's NEW-VIEW.
        HeldCheckpoint held = new(new(4), digest);
        ViewChange Correct(int i) => new(new(2), new(4), [held], [new(new(5), D("A"), new(0))], [new(new(5), D("A"), new(0))], new(i));
        ViewChange liar = new(new(2), new(4), [held], [new(new(5), lie.Digest, new(1))], [new(new(5), lie.Digest, new(1))], new(1));
        var decision = ViewChangeDecision.Decide(replica.Options.Cluster, 8, [Correct(0), liar, Correct(2), mine]);
        Assert.NotNull(decision);
        Assert.Equal(D("A"), decision.ChoiceAt(new(5)));
    }

    /// <summary>N-2: the leader of a new view goes on behind the timestamps that the view change carried over.</summary>
    [Fact]
    public void The_leader_learns_the_timestamps_of_the_choices()
    {
        var primary = new ReplicaUnderTest(self: 1);
        PrePrepare[] proposals = [Make.PrePrepare(1, Make.Open()), .. Enumerable.Range(2, 3).Select(static n => Make.PrePrepare(n, Make.Request(n - 1)))];
        foreach (var proposal in proposals) primary.Execute(proposal);
        var late = Make.PrePrepare(5, Make.Batch(Make.Noon.Plus(TimeSpan.FromSeconds(20)), Make.Request(9))); // the clock of the primary before was 20 s ahead
        primary.Step(late);
        Assert.NotEmpty(primary.Votes);
        var leader = new Leader(new(1), primary.Options);
        var outbox = new Outbox();
        HeldCheckpoint held = new(new(4), primary.State.ComputeDigest());
        ViewChangeTests.Leave(primary, 0, 2);
        LogEntry entry = new(new(5), late.Digest, View.Initial);
        var effects = primary.StepAll(new[] { 0, 2, 3 }.Select(i => new ViewChange(new(1), new(4), [held], [entry], [entry], new(i), Make.Bytes($"vc {i}"))));
        Assert.True(primary.Replica.IsActive);
        foreach (var effect in effects.Where(static e => e.Kind == EffectKind.InformLeader)) leader.Step(primary.Now, LeaderInput.Of(effect.LeaderUpdate), outbox);
        outbox.Clear();
        leader.Step(primary.Now, LeaderInput.Of(Make.Request(10)), outbox);
        var proposed = outbox.Effects.ToArray().Where(static e => e is { Kind: EffectKind.Broadcast, IsVote: false }).Select(static e => e.Message).OfType<PrePrepare>().Single();
        Assert.Equal(new SequenceNumber(6), proposed.Sequence);
        Assert.True(proposed.Batch.Timestamp > late.Batch.Timestamp, $"{proposed.Batch.Timestamp} {late.Batch.Timestamp}");
    }

    /// <summary>A3: a new primary that lacks k batches asks k + (k - 1) + ... times for them.</summary>
    [Fact]
    public void A_new_primary_asks_for_each_batch_it_lacks_a_few_times_only()
    {
        var primary = new ReplicaUnderTest(self: 1);
        var batches = Enumerable.Range(1, 8).Select(static n => Make.Batch(Make.Noon.Plus(TimeSpan.FromMilliseconds(n)), Make.Open(client: n))).ToArray();
        ImmutableArray<LogEntry> entries = [.. batches.Select(static (b, i) => new LogEntry(new(i + 1), b.Digest, View.Initial))];
        ViewChangeTests.Leave(primary, 0, 2);
        var asked = 0;
        void Count() => asked += primary.Effects.Count(static e => e is { Kind: EffectKind.Send, IsVote: false, Message: FetchBatch });
        foreach (var i in new[] { 0, 2 })
        {
            primary.Step(new ViewChange(new(1), new(0), [Held(0)], entries, entries, new(i), Make.Bytes($"vc {i}")));
            Count();
        }

        for (var n = 1; n <= 8; n++)
        {
            primary.Step(new FetchedBatch(new(n), batches[n - 1], new(0)));
            Count();
        }

        Assert.True(primary.Replica.IsActive);
        Assert.InRange(asked, 8, 2 * 2 * 8);
    }

    /// <summary>VC-9: a batch that was wanted below what is stable by now is wanted no more.</summary>
    [Fact]
    public void A_batch_below_the_window_is_not_asked_for_any_more()
    {
        var donors = Donors();
        var replica = new ReplicaUnderTest(self: 3);
        replica.Step(ViewChangeTests.NewView(replica, 1, Of(0, "1:A@0", "1:A@0", view: 1), Of(1, "1:A@0", "1:A@0", view: 1), Of(2, view: 1)));
        replica.StepAll(donors.Select(static (donor, i) => new Checkpoint(new(Far), donor.State.ComputeDigest(), new(i))));
        Serve(replica, donors);
        Assert.Equal(new(Far), replica.Replica.LastExecuted);
        replica.Tick(TimeSpan.FromMinutes(1));
        replica.Tick(TimeSpan.FromMinutes(1));
        Assert.DoesNotContain(replica.Effects, static e => e is { Kind: EffectKind.Send, IsVote: false, Message: FetchBatch });
    }

    /// <summary>C-4: one liar, the primary, says Busy with the shortest hint, again and again: the client floods all replicas.</summary>
    [Fact]
    public void One_liar_can_not_make_a_client_flood_all()
    {
        var effects = new List<ClientEffect>();
        var session = new ClientSession(Make.Client(), new() { Cluster = new(4) }, nonce: 7);
        var now = Make.Noon;
        session.Open(now, effects);
        effects.Clear();
        RequestId id = new(Make.Client(), SessionId.None, 7);
        Reply busy = new(View.Initial, id, SessionId.None, SequenceNumber.Zero, ReplyStatus.Busy, RetryHint.Encode(TimeSpan.FromMicroseconds(1)), new(0));
        for (var i = 0; i < 1000; i++)
        {
            session.OnReply(now, busy, effects);
            now = now.Plus(TimeSpan.FromMicroseconds(1));
            session.Tick(now, effects);
        }

        Assert.InRange(effects.Count(static e => e.Kind == ClientEffectKind.Send), 0, 3); // within one millisecond
    }

    /// <summary>In view 1, with n = 4 executed and its digest, A chosen at n = 5, and the liar's other proposal there just heard.</summary>
    private static (ReplicaUnderTest Replica, Digest AtFour, PrePrepare Lie) Misled()
    {
        var replica = new ReplicaUnderTest(self: 3);
        PrePrepare[] proposals = [Make.PrePrepare(1, Make.Open()), .. Enumerable.Range(2, 3).Select(static n => Make.PrePrepare(n, Make.Request(n - 1)))];
        foreach (var proposal in proposals) replica.Execute(proposal);
        var digest = replica.State.ComputeDigest();
        ViewChangeTests.Leave(replica, 0, 2);
        ImmutableArray<LogEntry> known = [.. proposals.Select(static p => new LogEntry(p.Sequence, p.Digest, View.Initial)), new LogEntry(new(5), D("A"), View.Initial)];
        ViewChange Said(int i) => new(new(1), SequenceNumber.Zero, [Held(0)], known, known, new(i), Make.Bytes($"vc {i}"));
        replica.Step(Claims.NewView(replica.Options.Cluster, 8, Said(0), Said(1), Said(2)));
        Assert.True(replica.Replica.IsActive);
        var lie = Make.PrePrepare(5, Make.Batch(Make.Noon.Plus(TimeSpan.FromMilliseconds(9)), Make.Request(99)), sender: 1, view: 1);
        replica.Step(lie);
        return (replica, digest, lie);
    }
}
