using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.Execution;

/// <summary>Every line the runtime can log. 100s: calls. 200s: activations. 300s: timers. 400s: the silo.</summary>
internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Warning, "The one-way call {Method} of {Grain} failed")]
    public static partial void OneWayCallFailed(this ILogger log, string method, GrainId grain, Exception exception);

    [LoggerMessage(102, LogLevel.Warning, "Dropped the one-way call {Method} of {Grain}: {Reason} ({Dropped} dropped so far)")]
    public static partial void OneWayCallDropped(this ILogger log, string method, GrainId grain, string reason, long dropped);

    [LoggerMessage(201, LogLevel.Warning, "{Grain} could not be activated")]
    public static partial void ActivationFailed(this ILogger log, GrainId grain, Exception exception);

    [LoggerMessage(202, LogLevel.Error, "OnDeactivateAsync of {Grain} failed (reason {Reason})")]
    public static partial void DeactivationFailed(this ILogger log, GrainId grain, DeactivationReasonCode reason, Exception exception);

    [LoggerMessage(203, LogLevel.Error, "{Grain} could not be disposed")]
    public static partial void DisposalFailed(this ILogger log, GrainId grain, Exception exception);

    [LoggerMessage(301, LogLevel.Warning, "A timer's tick of {Grain} failed")]
    public static partial void TimerTickFailed(this ILogger log, GrainId grain, Exception exception);

    [LoggerMessage(302, LogLevel.Error, "Cancelling a timer of {Grain} failed")]
    public static partial void TimerCancellationFailed(this ILogger log, GrainId grain, Exception exception);

    [LoggerMessage(401, LogLevel.Warning, "The silo stops with requests still queued after {Elapsed}")]
    public static partial void DrainIncomplete(this ILogger log, TimeSpan elapsed);

    [LoggerMessage(402, LogLevel.Warning, "The silo stopped before {Activations} activations were deactivated")]
    public static partial void StopIncomplete(this ILogger log, int activations);
}
