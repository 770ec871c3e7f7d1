using System.Globalization;

namespace OrleansPbft.Core.Tests;

/// <summary>Writes VIEW-CHANGEs as briefly as the paper's examples: "5:A@2" is the digest called A at n = 5 in view 2; "4:x" a checkpoint.</summary>
internal static class Claims
{
    public static Digest D(string name) => name == "null" ? BatchEncoding.Null.Digest : Make.Digest(name);

    /// <summary>The checkpoint that all correct replicas hold at <paramref name="sequence"/>.</summary>
    public static HeldCheckpoint Held(long sequence) => new(new(sequence), sequence == 0 ? Digest.Zero : D($"state {sequence}"));

    /// <summary>What <paramref name="sender"/> says when it leaves all views before <paramref name="view"/>.</summary>
    public static ViewChange Of(
        int sender, string prepared = "", string proposed = "", long stable = 0, string checkpoints = "", long view = 9, HeldCheckpoint? held = null) => new(
            new(view),
            new(stable),
            [held ?? Held(stable), .. Words(checkpoints).Select(Checkpoint)],
            [.. Words(prepared).Select(Entry).OrderBy(static e => e.Sequence)],
            [.. Words(proposed).Select(Entry).OrderBy(static e => e.Sequence).ThenBy(static e => e.Digest)],
            new(sender),
            Make.Bytes($"view-change {view} {sender} {stable} {prepared} {proposed} {checkpoints}"));

    /// <summary>n members that know nothing, numbered from <paramref name="from"/>.</summary>
    public static IEnumerable<ViewChange> Ignorant(int count, int from, long view = 9) => Enumerable.Range(from, count).Select(i => Of(i, view: view));

    /// <summary>The NEW-VIEW that a correct primary makes of <paramref name="set"/>.</summary>
    public static NewView NewView(ClusterSize cluster, int window, params ViewChange[] set)
    {
        var view = set[0].View;
        var decision = ViewChangeDecision.Decide(cluster, window, set);
        Assert.NotNull(decision);
        return new(view, [.. set], decision, cluster.PrimaryOf(view), Make.Bytes($"new-view {view} {string.Join(",", set.Select(static s => s.Sender))}"));
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static HeldCheckpoint Checkpoint(string word)
    {
        var parts = word.Split(':');
        var sequence = long.Parse(parts[0], CultureInfo.InvariantCulture);
        return parts[1] == "state" ? Held(sequence) : new(new(sequence), D(parts[1]));
    }

    private static LogEntry Entry(string word)
    {
        var parts = word.Split(':', '@');
        return new(new(long.Parse(parts[0], CultureInfo.InvariantCulture)), D(parts[1]), new(long.Parse(parts[2], CultureInfo.InvariantCulture)));
    }
}
