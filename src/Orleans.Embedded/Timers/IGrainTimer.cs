namespace Orleans.Runtime;

/// <summary>A timer of one activation. Disposing it, or deactivating the grain, ends it.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets a new due time and period; during a tick they take effect when the tick has ended.</summary>
    /// <param name="dueTime">Time to the next tick; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <param name="period">Time from the end of a tick to the next; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative and not infinite, or too long for a timer.</exception>
    void Change(TimeSpan dueTime, TimeSpan period);
}
