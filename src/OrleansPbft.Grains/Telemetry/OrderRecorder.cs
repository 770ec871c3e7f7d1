using System.Diagnostics;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>The "order" span of a leader: from a request's arrival to the proposal that holds it. Its context travels with the proposal.</summary>
internal sealed class OrderRecorder(ReplicaId replica)
{
    // The most requests whose arrival is remembered while they wait; those beyond are not traced.
    private const int WaitingMax = 4096;

    private readonly Dictionary<RequestId, (ActivityContext Client, Instant Arrived)> _waiting = [];

    /// <summary>A request came to be ordered, with its client's trace context or without.</summary>
    public void OnArrived(Request request, string? traceParent, Instant at)
    {
        if (_waiting.Count >= WaitingMax || !PbftTelemetry.Source.HasListeners()) return;
        var client = default(ActivityContext);
        if (traceParent is not null) ActivityContext.TryParse(traceParent, null, isRemote: true, out client);
        _waiting.TryAdd(request.Id, (client, at));
    }

    /// <summary>The leader leads no longer: what waited is forgotten, as the leader forgets it.</summary>
    public void OnStopped() => _waiting.Clear();

    /// <summary>A batch is proposed: writes its span, and returns the context to send along; null when nobody traces it.</summary>
    /// <remarks>The parent is the trace of the first request in it that is sampled; others that are sampled are linked.</remarks>
    public string? OnProposed(in ProtocolEvent proposed, Instant now)
    {
        if (_waiting.Count == 0 || proposed.Batch is not { } batch) return null;
        var parent = default(ActivityContext);
        List<ActivityLink>? links = null;
        var began = now;
        foreach (var request in batch.Requests)
        {
            if (!_waiting.Remove(request.Id, out var waiting)) continue;
            if (waiting.Arrived < began) began = waiting.Arrived;
            if ((waiting.Client.TraceFlags & ActivityTraceFlags.Recorded) == 0) continue;
            if (parent == default) parent = waiting.Client;
            else (links ??= []).Add(new(waiting.Client));
        }

        using var span = PbftTelemetry.Source.StartActivity(
            "order", ActivityKind.Internal, parent, links: links, startTime: HostClock.ToTime(began));
        if (span is null) return null;
        SpanTags.Set(span, replica.Index, proposed.View, proposed.Sequence, proposed.Digest, batch.Requests.Length);
        span.SetEndTime(HostClock.ToTime(now).UtcDateTime);
        return span.Recorded ? span.Id : null;
    }
}
