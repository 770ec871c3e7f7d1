namespace OrleansPbft.Journal;

/// <summary>The journal was opened again since: what an earlier opening still wants to say, nobody may hear (rule D-4).</summary>
/// <param name="epoch">The epoch of the opening that is over.</param>
/// <param name="newest">The newest epoch.</param>
public sealed class JournalFencedException(long epoch, long newest) : JournalException(
    $"The journal was opened again: epoch {epoch} is over, and {newest} has begun. Who still holds the earlier one must not speak any more.")
{
    /// <summary>The epoch of the opening that is over.</summary>
    public long Epoch { get; } = epoch;
}
