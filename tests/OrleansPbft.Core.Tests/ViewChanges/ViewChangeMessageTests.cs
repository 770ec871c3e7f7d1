namespace OrleansPbft.Core.Tests;

/// <summary>VC-3: when two VIEW-CHANGEs say the same, and what none may say.</summary>
public sealed class ViewChangeMessageTests
{
    private static readonly LogEntry Entry = new(new(5), Make.Digest("a"), new(1));

    [Fact]
    public void Two_say_the_same_when_they_are_equal_in_everything()
    {
        var one = Of();

        Assert.True(one.SaysTheSame(Of()));
        Assert.All(
            [
                Of(view: 4),
                Of(stable: 8),
                Of(sender: 2),
                Of(checkpoints: [new(new(4), Make.Digest("other"))]),
                Of(prepared: [Entry with { Digest = Make.Digest("b") }]),
                Of(prepared: []),
                Of(prePrepared: [Entry with { View = new(2) }]),
                Of(prePrepared: []),
            ],
            other => Assert.False(one.SaysTheSame(other) || other.SaysTheSame(one)));
    }

    /// <summary>VC-5: a NEW-VIEW disproves what prepared before its view where it chose something else or nothing; never what prepared in it.</summary>
    [Theory]
    [InlineData(5, "a", 1, false)] // chosen
    [InlineData(5, "b", 1, true)]
    [InlineData(5, "b", 2, true)]
    [InlineData(5, "b", 3, false)] // in this view
    [InlineData(6, "a", 2, true)] // a null request was chosen
    [InlineData(7, "a", 2, true)] // nothing was
    [InlineData(7, "a", 3, false)]
    [InlineData(4, "b", 1, false)] // below the base: committed, whatever it is
    public void A_new_view_disproves_what_it_did_not_choose(long sequence, string digest, long view, bool expected)
    {
        var decision = new ViewChangeDecision(new(new(4), Make.Digest("state")), [Make.Digest("a"), BatchEncoding.Null.Digest]);
        var newView = new NewView(new(3), [], decision, new(3));

        Assert.Equal(expected, newView.Disproves(new(new(sequence), Make.Digest(digest), new(view))));
    }

    private static ViewChange Of(
        long view = 3, long stable = 4, int sender = 1, HeldCheckpoint[]? checkpoints = null, LogEntry[]? prepared = null, LogEntry[]? prePrepared = null) =>
        new(
            new(view),
            new(stable),
            [.. checkpoints ?? [new(new(4), Make.Digest("state"))]],
            [.. prepared ?? [Entry]],
            [.. prePrepared ?? [Entry]],
            new(sender));
}
