namespace OrleansPbft.Core.Tests;

/// <summary>N-8, K-1: slots are kept for (h, h + 2L], and forgotten at once when the window moves past them.</summary>
public sealed class MessageLogTests
{
    private const int Window = 4;

    private readonly MessageLog _log = new(new(4), Window);

    [Fact]
    public void The_window_and_one_ahead_are_admitted()
    {
        _log.Truncate(new(10));

        Assert.Equal((10, 14, 18), (_log.LowWatermark.Value, _log.HighWatermark.Value, _log.LastKept.Value));
        Assert.Equal(IgnoreReason.BelowWindow, _log.Admits(new(10)));
        Assert.Equal(IgnoreReason.None, _log.Admits(new(11)));
        Assert.Equal(IgnoreReason.None, _log.Admits(new(18)));
        Assert.Equal(IgnoreReason.AboveWindow, _log.Admits(new(19)));
    }

    [Fact]
    public void A_slot_is_found_at_its_own_number_only()
    {
        _log.At(new(3));

        Assert.NotNull(_log.Find(new(3)));
        Assert.Null(_log.Find(new(4)));
        _log.Truncate(new(3));
        Assert.Null(_log.Find(new(3)));
        Assert.Null(_log.Find(new(11))); // in the ring where 3 was
        Assert.Same(_log.At(new(11)), _log.Find(new(11)));
    }

    /// <summary>What is dropped is dropped at once: a slot keeps the buffers that its batches came in.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(1_000_000_000_000)]
    public void Slots_that_the_window_leaves_are_cleared_at_once(long checkpoint)
    {
        var slots = Enumerable.Range(1, 2 * Window).Select(n => _log.At(new(n))).ToArray();
        foreach (var slot in slots) slot.Accept(Make.PrePrepare(slot.Sequence.Value, Make.Request(1)));

        _log.Truncate(new(checkpoint));

        for (var n = 1; n <= slots.Length; n++)
        {
            var isKept = n > checkpoint;
            Assert.Equal((isKept ? n : 0L, isKept, isKept ? 1 : 0), (slots[n - 1].Sequence.Value, slots[n - 1].Proposal is not null, slots[n - 1].PrePrepared.Count));
        }
    }

    [Fact]
    public void The_highest_open_number_rises_with_what_is_under_way_and_with_the_window()
    {
        Assert.Equal(0, _log.HighestOpen.Value);
        _log.MarkOpen(new(5));
        _log.MarkOpen(new(3));
        Assert.Equal(5, _log.HighestOpen.Value);
        _log.Truncate(new(4));
        Assert.Equal(5, _log.HighestOpen.Value);
        _log.Truncate(new(8));
        Assert.Equal(8, _log.HighestOpen.Value);
        _log.MarkOpen(new(9));
        _log.LeaveView();
        Assert.Equal(8, _log.HighestOpen.Value);
    }

    /// <summary>The votes at one checkpoint are not those at another that shares its place.</summary>
    [Fact]
    public void Checkpoint_votes_are_kept_for_every_multiple_of_k_in_two_windows()
    {
        var checkpoints = new CheckpointLog(new(4), interval: 2, window: Window);
        Assert.True(checkpoints.IsCheckpoint(new(4)));
        Assert.False(checkpoints.IsCheckpoint(new(5)));

        for (var n = 2; n <= 2 * Window; n += 2) checkpoints.At(new(n)).Count(new(1), Make.Digest($"{n}"));
        for (var n = 2; n <= 2 * Window; n += 2)
        {
            Assert.Equal(1, checkpoints.Find(new(n))!.For(Make.Digest($"{n}")).Count);
            Assert.Equal(0, checkpoints.Find(new(n))!.For(Make.Digest($"{n + 2}")).Count);
        }

        Assert.Null(checkpoints.Find(new(10)));
        Assert.Equal(default, checkpoints.At(new(12)).Voters); // where 2 was: five places for four, and the one before
        Assert.Null(checkpoints.Find(new(2)));

        checkpoints.Forget(new(1));
        Assert.Equal(0, checkpoints.Find(new(8))!.For(Make.Digest("8")).Count);
    }
}
