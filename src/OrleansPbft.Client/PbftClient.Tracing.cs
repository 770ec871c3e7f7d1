using System.Diagnostics;
using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <content>What instruments are told of a request (docs/telemetry.md).</content>
public sealed partial class PbftClient
{
    // So many requests that nobody chose to trace and that fail are written down in a second all the same.
    private const int FailuresPerSecondMax = 10;

    // So many retransmissions of one request are written down.
    private const int RetransmissionsMax = 32;

    private readonly TraceBudget _failures = new(FailuresPerSecondMax); // gate

    /// <summary>Begins the span of a request: in its caller's trace where that is recorded, else in one of its own where it is chosen; null elsewhere.</summary>
    private static Activity? StartSpan(string name, int operations, Activity? parent = null)
    {
        if (!PbftTelemetry.Source.HasListeners()) return null;
        var context = parent?.Context ?? Spans.CallersContext();
        var isRecorded = (context.TraceFlags & ActivityTraceFlags.Recorded) != 0;
        if (!isRecorded && TraceSampling.Ratio is not null && !TraceSampling.TryBegin(out context)) return null;
        var span = Spans.Begin(name, ActivityKind.Client, context);
        span?.SetTag(PbftTelemetry.Operations, operations);
        return span;
    }

    private static void NoteRetransmission(PendingBundle pending, ReplicaSet to)
    {
        ClientMetrics.OnRetransmitted();
        if (pending.Activity is not { } span || ++pending.Retransmissions > RetransmissionsMax) return;
        span.AddEvent(new("retransmission", tags: new() { [PbftTelemetry.Peer] = string.Join(',', to.ToIndexes()) }));
    }

    private static void EndAccepted(Activity? span, View view, SequenceNumber sequence)
    {
        if (span is null) return;
        span.SetTag(PbftTelemetry.View, view.Number).SetTag(PbftTelemetry.Sequence, sequence.Value);
        Spans.End(span);
    }

    private static void EndOpening(SessionInUse session, View view, SequenceNumber sequence)
    {
        EndAccepted(session.Activity, view, sequence);
        session.Activity = null;
    }

    /// <summary>Ends the span of a request that failed. One that has none gets one now, in a trace of its own: errors are always told. Holds the gate.</summary>
    private void EndFailed(PendingBundle pending, Exception cause)
    {
        var now = _clock.Now;
        var span = pending.Activity;
        if (span is null && PbftTelemetry.Source.HasListeners() && _failures.TryTake(now.Microseconds))
        {
            span = Spans.Begin(SpanNames.Client, ActivityKind.Client, TraceSampling.Always(), DateTimeOffset.UtcNow - now.Since(pending.Submitted));
            span?.SetTag(PbftTelemetry.Operations, pending.Operations.Length);
        }

        if (span is null) return;
        span.SetStatus(ActivityStatusCode.Error, cause.Message).SetTag(PbftTelemetry.ErrorType, cause.GetType().FullName);
        Spans.End(span);
    }
}
