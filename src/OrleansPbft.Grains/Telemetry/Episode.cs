using System.Diagnostics;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>Something that a replica goes through once in a while: a span with its own trace, written when it is over.</summary>
/// <param name="name">The span's name.</param>
/// <param name="began">When it began.</param>
/// <param name="links">The traced requests that wait for its end.</param>
internal sealed class Episode(string name, Instant began, List<ActivityLink> links)
{
    // So many events of one are kept.
    private const int EventsMax = 32;

    private readonly List<ActivityEvent> _events = [];

    public Instant Began => began;

    /// <summary>Why it began, where that is known.</summary>
    public string? Cause { get; init; }

    /// <summary>The view or the sequence number that it leads to.</summary>
    public long Target { get; init; }

    /// <summary>What failed; null where nothing did.</summary>
    public string? Error { get; set; }

    /// <summary>Something happened in it.</summary>
    public void Add(string what, Instant at, params ReadOnlySpan<(string Name, object Value)> tags)
    {
        if (_events.Count >= EventsMax) return;
        var collection = new ActivityTagsCollection();
        foreach (var (key, value) in tags) collection.Add(key, value);
        _events.Add(new(what, HostClock.ToTime(at), collection));
    }

    /// <summary>Writes it, where anybody records it.</summary>
    public void Write(ActivityContext trace, int replica, Instant ended, params ReadOnlySpan<(string Name, object? Value)> tags)
    {
        var span = Spans.Begin(name, ActivityKind.Internal, trace, HostClock.ToTime(began), links.Count > 0 ? links : null);
        if (span is null) return;
        span.SetTag(PbftTelemetry.Replica, replica);
        if (Cause is not null) span.SetTag(PbftTelemetry.Cause, Cause);
        foreach (var (key, value) in tags) span.SetTag(key, value);
        foreach (var happened in _events) span.AddEvent(happened);
        if (Error is not null) span.SetStatus(ActivityStatusCode.Error, Error).SetTag(PbftTelemetry.ErrorType, Error);
        Spans.End(span, HostClock.ToTime(ended));
    }
}
