using static OrleansPbft.Core.Tests.Claims;
using static OrleansPbft.Core.Tests.NewViewTests;
using static OrleansPbft.Core.Tests.TransferTests;
using static OrleansPbft.Core.Tests.ViewChangeTests;

namespace OrleansPbft.Core.Tests;

/// <summary>
/// f liars and a lost message: then every correct replica is needed, and what one of them does not say again nobody will. Each case stopped a simulated
/// cluster, or one of its replicas, for good (VC-9).
/// </summary>
public sealed class StragglerTests
{
    /// <summary>VC-1: who left a view suspects it. Its SUSPECT was lost, and it sends none of that view again.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    public void Who_left_a_view_counts_as_suspecting_it(int replicas)
    {
        var backup = new ReplicaUnderTest(1, replicas);
        var f = backup.Options.Cluster.MaxFaulty;
        for (var i = 0; i < f; i++)
        {
            backup.StepAll(Of(2 + i, view: 1), new Suspect(new(0), new(2 + i)));
            Assert.True(backup.Replica.IsActive);
        }

        backup.Step(new Suspect(new(0), new(0)));

        Assert.Equal((new View(1), false), (backup.Replica.View, backup.Replica.IsActive));
    }

    /// <summary>VC-1: the same where the VIEW-CHANGE is what comes last.</summary>
    [Fact]
    public void A_view_change_may_be_what_is_lacking()
    {
        var backup = new ReplicaUnderTest(self: 1);
        backup.Step(Make.Open());
        backup.Tick(backup.Options.RequestTimeout);
        Assert.NotEmpty(backup.Broadcast<Suspect>());
        Assert.True(backup.Replica.IsActive);

        backup.Step(Of(2, view: 1));

        Assert.Equal((new View(1), false), (backup.Replica.View, backup.Replica.IsActive));
    }

    /// <summary>
    /// VC-5, N-4: what a replica knows to be committed it COMMITs to in the new view at once. The PREPAREs it lacks there may never come: their senders
    /// see that it has executed that far. It is no entry of P, for which this view has no proof yet.
    /// </summary>
    [Fact]
    public void What_is_known_to_be_committed_is_committed_to_without_prepares()
    {
        var backup = new ReplicaUnderTest(self: 3);
        backup.Execute(Known);
        Leave(backup, 0, 2);

        backup.Step(Choosing(backup, Known.Digest));

        Vote[] cast = [new(VotePhase.Prepare, new(1), new(1), Known.Digest, new(3)), new(VotePhase.Commit, new(1), new(1), Known.Digest, new(3))];
        Assert.Equal(cast, backup.Votes);
        Assert.DoesNotContain(backup.Effects, static e => e.Kind == EffectKind.Persist && e.Record.Kind == JournalRecordKind.Prepared);
        Leave(backup, 0, 2);
        Assert.Equal([new LogEntry(new(1), Known.Digest, View.Initial)], SaidBy(backup).Prepared);
        Assert.Equal([new LogEntry(new(1), Known.Digest, new(1))], SaidBy(backup).PrePrepared);
    }

    /// <summary>VC-5: once the PREPAREs are there it is prepared as everything else, and COMMITs no second time.</summary>
    [Fact]
    public void What_was_committed_to_early_prepares_with_its_prepares()
    {
        var backup = new ReplicaUnderTest(self: 3);
        backup.Execute(Known);
        Leave(backup, 0, 2);
        backup.Step(Choosing(backup, Known.Digest));

        PrePrepare again = new(new(1), new(1), Known.Batch, new(1));
        backup.Remember(backup.Step(Make.Prepare(again, 0)).Concat(backup.Step(Make.Prepare(again, 2))));

        Assert.Contains(backup.Effects, static e => e.Kind == EffectKind.Persist && e.Record is { Kind: JournalRecordKind.Prepared, View.Number: 1 });
        Assert.Empty(backup.Votes);
    }

    /// <summary>
    /// ST-1, K-4: of three replicas that hold a checkpoint one lies about it now, so q never agree. f + 1 do: the state is fetched, and the vote of
    /// the one that fetched it certifies it. Until then its window stays: its votes up to there may be needed.
    /// </summary>
    [Fact]
    public void A_checkpoint_in_the_window_that_f_plus_1_vouch_for_is_fetched()
    {
        var donors = Donors(last: 4);
        var behind = new ReplicaUnderTest(self: 3);
        Announce(behind, donors[..2], 4);
        behind.Step(new Checkpoint(new(4), D("lie"), new(2)));
        Assert.Empty(Fetches(behind)); // the log may yet lead there

        behind.Tick(TimeSpan.FromMilliseconds(1));
        behind.Tick(behind.Options.StatusInterval);
        var fetches = Fetches(behind).ToArray();
        Assert.Equal(new(4), Assert.Single(fetches).Fetch.Sequence);
        Assert.Equal(SequenceNumber.Zero, behind.Replica.StableCheckpoint);
        behind.Step(Known);
        Assert.Equal([VotePhase.Prepare], behind.Votes.Select(static v => v.Phase));

        Serve(behind, donors, fetches);

        Assert.Equal(new(4), behind.Replica.LastExecuted);
        Assert.Equal(new(4), behind.Replica.StableCheckpoint);
        Assert.Equal(donors[0].State.ComputeDigest(), behind.State.ComputeDigest());
        Assert.Equal(new(4), Assert.IsType<StateSnapshot>(Assert.Single(behind.Journal, static r => r.Kind == JournalRecordKind.StableCheckpoint).Subject).Sequence);
    }

    /// <summary>ST-3: where the log leads to the target after all, there is nothing left to fetch.</summary>
    [Fact]
    public void A_transfer_that_the_log_overtakes_ends()
    {
        var donors = Donors(last: 4);
        var behind = new ReplicaUnderTest(self: 3);
        Announce(behind, donors[..2], 4);
        behind.Tick(TimeSpan.FromMilliseconds(1));
        behind.Tick(behind.Options.StatusInterval);
        var (to, fetch) = Fetches(behind).Single();

        behind.WithSession();
        for (var n = 2; n <= 4; n++) behind.Execute(Big(n));

        Assert.Equal(donors[0].State.ComputeDigest(), behind.State.ComputeDigest());
        Assert.Equal(new(4), behind.Replica.StableCheckpoint); // with its own vote
        behind.Step(Answer(donors[to], fetch));
        Assert.Equal([IgnoreReason.NotWanted], behind.Ignored);
        Assert.Equal(ReplicaCondition.Normal, behind.Replica.Snapshot().Condition);
    }

    /// <summary>ST-1 (B41): who let one target's time run out is last in line for the next as well: it can not delay each of them.</summary>
    [Fact]
    public void A_donor_that_stalled_is_not_the_first_to_be_asked_for_the_next_target()
    {
        var donors = Donors();
        var behind = Behind(donors);
        Assert.Equal([0], Fetches(behind).Select(static f => f.To));
        behind.Tick(behind.Options.StatusInterval * 4);
        Assert.Equal([1], Fetches(behind).Select(static f => f.To));

        behind.StepAll(Enumerable.Range(0, 3).Select(static i => new Checkpoint(new(40), D("newer"), new(i))));
        behind.Step(new Chunks(new(20), [], new(1)));

        Assert.Equal([(1, new SequenceNumber(40))], Fetches(behind).Select(static f => (f.To, f.Fetch.Sequence)));
    }

    /// <summary>ST-1 (B39): a donor that answers with what it was asked before, true but had already, is as little help as one that has nothing.</summary>
    [Fact]
    public void A_donor_that_repeats_itself_is_asked_once()
    {
        var donors = Donors(operations: 8);
        var behind = Behind(donors);
        Chunks? stuck = null;
        var asked = 0;
        Serve(behind, donors, through: (donor, chunks) =>
        {
            if (donor != 0) return chunks;
            asked++;
            return stuck ??= chunks;
        });

        Assert.Equal(2, asked);
        Assert.Equal(new(20), behind.Replica.LastExecuted);
        Assert.Equal(donors[0].State.ComputeDigest(), behind.State.ComputeDigest());
    }

    /// <summary>ST-1 (B41, B42): where targets move faster than a slow donor answers, others are asked first for the next.</summary>
    [Fact]
    public void A_donor_that_owes_an_answer_is_not_the_first_to_be_asked_for_a_newer_target()
    {
        var donors = Donors();
        var behind = Behind(donors);
        Assert.Equal([0], Fetches(behind).Select(static f => f.To));

        HeldCheckpoint held = new(new(40), D("newer"));
        behind.Step(NewView(behind, 1, Of(0, view: 1, stable: 40, held: held), Of(1, view: 1, stable: 40, held: held), Of(2, view: 1, stable: 40, held: held)));

        Assert.Equal([(1, new SequenceNumber(40))], Fetches(behind).Select(static f => (f.To, f.Fetch.Sequence)));
    }
}
