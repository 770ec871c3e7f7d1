using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>When a grain timer ticks, and how its ticks mix with requests.</summary>
public readonly struct GrainTimerCreationOptions()
{
    /// <summary>Options with the default behaviour.</summary>
    /// <param name="dueTime">Time to the first tick; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <param name="period">Time from the end of a tick to the next; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Time to the first tick; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>Time from the end of a tick to the next; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether a tick may start while a request is awaiting something.</summary>
    /// <value>False by default: a tick queues behind requests and blocks them while it runs.</value>
    public bool Interleave { get; init; }

    /// <summary>Whether a tick counts as activity, so that the activation is not collected.</summary>
    /// <value>False by default.</value>
    public bool KeepAlive { get; init; }
}
