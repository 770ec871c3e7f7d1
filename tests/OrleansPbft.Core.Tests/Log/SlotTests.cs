namespace OrleansPbft.Core.Tests;

/// <summary>VC-4, VC-5: what a slot keeps for Q, and the batches that go with it.</summary>
public sealed class SlotTests
{
    private readonly Slot _slot = new(new(4));

    public SlotTests() => _slot.Reset(new(5));

    [Fact]
    public void Every_batch_that_is_kept_is_found_by_its_digest()
    {
        var batches = Enumerable.Range(1, 3).Select(static i => Make.Batch(Make.Noon, Make.Request(i))).ToArray();
        foreach (var batch in batches) _slot.Keep(batch);
        _slot.Keep(Make.Batch(Make.Noon, Make.Request(1)));

        Assert.All(batches, batch => Assert.Same(batch, _slot.BatchOf(batch.Digest)));
        Assert.Null(_slot.BatchOf(Make.Digest("another")));
    }

    [Fact]
    public void Q_names_each_digest_once_with_the_latest_view_and_in_their_order()
    {
        foreach (var (client, view) in new[] { (1, 0L), (2, 3L), (1, 2L), (1, 1L), (3, 2L) }) _slot.NoteProposed(Proposal(client, view));

        Assert.Equal([(1, 2L), (3, 2L), (2, 3L)], _slot.PrePrepared.Select(entry => (ClientOf(entry.Digest), entry.View.Number)));
    }

    /// <summary>Q has room for so many digests; the oldest goes, its batch with it.</summary>
    [Fact]
    public void The_oldest_digest_goes_with_its_batch()
    {
        for (var i = 0; i <= ViewChange.PrePreparedMax; i++) _slot.NoteProposed(Proposal(client: i + 1, view: i));

        Assert.Equal(ViewChange.PrePreparedMax, _slot.PrePrepared.Count);
        Assert.Null(_slot.BatchOf(Proposal(1, 0).Digest));
        for (var i = 1; i <= ViewChange.PrePreparedMax; i++) Assert.NotNull(_slot.BatchOf(Proposal(i + 1, i).Digest));
    }

    [Fact]
    public void A_slot_that_starts_over_knows_nothing()
    {
        var proposal = Proposal(1, 0);
        _slot.Accept(proposal);
        _slot.MarkPrepared();
        _slot.MarkCommitted(proposal.Batch);
        _slot.Choose(proposal.Digest);
        _slot.Prepares.Count(new(1), proposal.Digest);
        _slot.Commits.Count(new(1), proposal.Digest);
        _slot.LeaveView();
        Assert.Equal((null, false, null, default, default), (_slot.Proposal, _slot.IsPrepared, _slot.Chosen, _slot.Prepares.Voters, _slot.Commits.Voters));
        Assert.Equal((proposal.Batch, proposal.Digest), (_slot.Committed, _slot.LastPrepared!.Value.Digest));
        Assert.Same(proposal.Batch, _slot.BatchOf(proposal.Digest));

        _slot.Reset(new(21));

        Assert.Equal((21L, null, null, 0, null), (_slot.Sequence.Value, _slot.Committed, _slot.LastPrepared, _slot.PrePrepared.Count, _slot.BatchOf(proposal.Digest)));
    }

    private static PrePrepare Proposal(int client, long view) => Make.PrePrepare(5, Make.Batch(Make.Noon, Make.Open(client)), sender: (int)(view % 4), view: view);

    private static int ClientOf(Digest digest) => Enumerable.Range(1, 9).Single(client => Proposal(client, 0).Digest == digest);
}
