namespace OrleansPbft.Grains.Recording.Drawing;

/// <summary>What is known at its sender's of a message to one peer. Times are microseconds; 0 is never.</summary>
/// <param name="At">When it left.</param>
/// <param name="AgainAt">When it left again.</param>
/// <param name="DueAt">When it should have left, were its sender like the others; 0 where it need not have.</param>
internal readonly record struct Sent(long At, long AgainAt, long DueAt)
{
    /// <summary>The earlier of two times, where 0 is none.</summary>
    public static long Earlier(long one, long other) => one == 0 ? other : other == 0 ? one : Math.Min(one, other);
}
