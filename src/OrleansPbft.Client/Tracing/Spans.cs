using System.Diagnostics;

namespace OrleansPbft.Client;

/// <summary>Spans that are begun and ended on whatever thread, often in retrospect: never part of what that thread does otherwise.</summary>
internal static class Spans
{
    /// <summary>Begins a span under exactly this parent; null where nobody records it. It is not the thread's current one.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="kind">Of OpenTelemetry's.</param>
    /// <param name="parent">Its parent, or the trace that it begins; default for a trace of its own.</param>
    /// <param name="began">When; now where it is not given.</param>
    /// <param name="links">Other spans that have to do with it.</param>
    public static Activity? Begin(
        string name, ActivityKind kind, in ActivityContext parent, DateTimeOffset began = default, IEnumerable<ActivityLink>? links = null)
    {
        var current = Activity.Current;
        if (current is not null) Activity.Current = null; // or it would become the parent of a span that has none
        var span = PbftTelemetry.Source.StartActivity(name, kind, parent, tags: null, links, began);
        if (span is not null || current is not null) Activity.Current = current;
        return span;
    }

    /// <summary>Ends it: at a time that is over, or now.</summary>
    public static void End(Activity span, DateTimeOffset ended = default)
    {
        var current = Activity.Current;
        if (ended != default) span.SetEndTime(ended.UtcDateTime);
        span.Stop();
        span.Dispose();
        Activity.Current = current; // stopping makes the span's parent current
    }

    /// <summary>The context to send along as W3C writes it; null where the span is not recorded: then nobody else need hear of it.</summary>
    public static string? TraceParentOf(Activity? span) => span is { Recorded: true } ? span.Id : null;

    /// <summary>The span that whoever calls is in; default for none.</summary>
    public static ActivityContext CallersContext()
    {
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C } current) return default;

        // What has no source nobody listens to, as what a web server makes of every request: the span before it is the caller's, if there is one.
        if (current.Source.Name.Length > 0) return current.Context;
        return current.ParentSpanId == default
            ? default
            : new(current.TraceId, current.ParentSpanId, current.ActivityTraceFlags, current.TraceStateString, current.HasRemoteParent);
    }

    /// <summary>The same as it is sent along with a call that Activity.Current does not follow; null where it is not recorded, or nobody listens here.</summary>
    public static string? CallersTraceParent() =>
        PbftTelemetry.Source.HasListeners() && CallersContext() is { TraceFlags: ActivityTraceFlags.Recorded } context ? $"00-{context.TraceId}-{context.SpanId}-01" : null;

    /// <summary>Makes what was sent along the caller's span again, until what is returned is disposed; null where it is none.</summary>
    public static Activity? Adopt(string? traceParent) =>
        TryRead(traceParent, out _) ? new Activity("caller").SetParentId(traceParent!).Start() : null;

    /// <summary>Reads what came along with a message: true only for the context of a span that is recorded. It is a hint of whoever sent it, and never trusted.</summary>
    public static bool TryRead(string? traceParent, out ActivityContext context)
    {
        context = default;
        return traceParent is not null
            && ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out context)
            && (context.TraceFlags & ActivityTraceFlags.Recorded) != 0;
    }
}
