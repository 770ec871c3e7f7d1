using System.Diagnostics;
using OrleansPbft.Client;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>The traces of the requests that wait at one machine, as far as they are recorded: so many, and so many more in a second. Not thread-safe.</summary>
/// <param name="beginsTraces">Whether a request that comes without a trace may begin one here.</param>
internal sealed class RequestTraces(bool beginsTraces)
{
    // The most that are remembered; the oldest goes for one more.
    private const int CountMax = 256;

    private readonly OrderedDictionary<RequestId, RequestTrace> _traces = [];
    private readonly TraceBudget _budget = new(TraceBudget.BatchesPerSecondMax);

    /// <summary>How many are remembered.</summary>
    public int Count => _traces.Count;

    /// <summary>A request came, with a trace context or without. One that is not recorded costs nothing more.</summary>
    public void OnArrived(Request request, string? traceParent, Instant at)
    {
        if ((traceParent is null && !beginsTraces) || !PbftTelemetry.Source.HasListeners()) return;
        ActivityContext context;
        if (traceParent is null ? !TraceSampling.TryBegin(out context) : !Spans.TryRead(traceParent, out context)) return;
        if (!_budget.TryTake(at.Microseconds)) return;
        if (_traces.Count == CountMax) _traces.RemoveAt(0);
        _traces.TryAdd(request.Id, new(context, traceParent, at));
    }

    /// <summary>What to send along with a request.</summary>
    public string? TraceParentOf(Request? request) =>
        _traces.Count > 0 && request is not null && _traces.TryGetValue(request.Id, out var trace) ? trace.TraceParent : null;

    /// <summary>The trace of a request, if it is recorded.</summary>
    public bool TryGet(RequestId request, out RequestTrace trace)
    {
        trace = default;
        return _traces.Count > 0 && _traces.TryGetValue(request, out trace);
    }

    /// <summary>The same; it waits here no longer.</summary>
    public bool TryTake(RequestId request, out RequestTrace trace)
    {
        trace = default;
        return _traces.Count > 0 && _traces.Remove(request, out trace);
    }

    /// <summary>Requests were executed: they wait no longer.</summary>
    public void OnExecuted(Batch? batch)
    {
        if (_traces.Count == 0 || batch is null) return;
        foreach (var request in batch.Requests) _traces.Remove(request.Id);
    }

    /// <summary>Nothing waits here any longer.</summary>
    public void Clear() => _traces.Clear();

    /// <summary>Adds links to what waits now.</summary>
    public void AddLinksTo(List<ActivityLink> links, int linksMax)
    {
        foreach (var (_, trace) in _traces)
        {
            if (links.Count >= linksMax) return;
            if (trace.Context.SpanId != default) links.Add(new(trace.Context));
        }
    }
}
