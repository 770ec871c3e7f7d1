using System.Diagnostics;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>The "order" span of a leader: from a request's arrival to the proposal that holds it. Its context travels with the proposal.</summary>
internal sealed class OrderRecorder(ReplicaId replica)
{
    // So many more requests of a batch get a span in their own traces.
    private const int OthersMax = 16;

    private readonly RequestTraces _waiting = new(beginsTraces: true);

    /// <summary>A request came to be ordered, with its client's trace context or without.</summary>
    public void OnArrived(Request request, string? traceParent, Instant at) => _waiting.OnArrived(request, traceParent, at);

    /// <summary>The leader leads no longer: what waited is forgotten, as the leader forgets it.</summary>
    public void OnStopped() => _waiting.Clear();

    /// <summary>A batch is proposed: writes its span, and returns the context to send along; null when nobody traces it.</summary>
    /// <remarks>The phases of the batch are in the trace of the first request in it that is recorded. The others' traces have an "order" span too, which links
    /// to that one.</remarks>
    public string? OnProposed(in ProtocolEvent proposed, Instant now)
    {
        if (_waiting.Count == 0 || proposed.Batch is not { } batch) return null;
        RequestTrace? first = null;
        List<RequestTrace>? others = null;
        foreach (var request in batch.Requests)
        {
            if (!_waiting.TryTake(request.Id, out var trace)) continue;
            if (first is null) first = trace;
            else if (others is null || others.Count < OthersMax) (others ??= []).Add(trace);
        }

        if (first is not { } traced) return null;
        var span = Write(traced, proposed, batch, now, links: null);
        if (span is null) return null;
        ActivityLink[] links = [new(span.Context)];
        foreach (var other in others ?? []) Write(other, proposed, batch, now, links);
        return Spans.TraceParentOf(span);
    }

    private Activity? Write(in RequestTrace trace, in ProtocolEvent proposed, Batch batch, Instant now, ActivityLink[]? links)
    {
        var kind = trace.TraceParent is null ? ActivityKind.Internal : ActivityKind.Server;
        var span = Spans.Begin(SpanNames.Order, kind, trace.Context, HostClock.ToTime(trace.Arrived), links);
        if (span is null) return null;
        SpanTags.Set(span, replica.Index, proposed.View, proposed.Sequence, proposed.Digest, batch.Requests.Length);
        Spans.End(span, HostClock.ToTime(now));
        return span;
    }
}
