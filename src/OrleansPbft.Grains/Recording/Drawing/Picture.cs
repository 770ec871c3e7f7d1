using OrleansPbft.Client;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Recording.Drawing;

/// <summary>What was found out about one trace, with times in microseconds since 1970, and the document that it becomes.</summary>
internal sealed class Picture(Scene scene)
{
    // What happened meanwhile may be much; so many are told.
    private const int EventsMax = 64;

    private readonly List<(int Replica, string Phase, long Began, long Ended)> _phases = [];

    /// <summary>The arrows.</summary>
    public Arrows Arrows { get; } = new(scene);

    /// <summary>See <see cref="TraceDocument.Id"/>.</summary>
    public required string Id { get; init; }

    /// <summary>See <see cref="TraceDocument.Kind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>See <see cref="TraceDocument.View"/>.</summary>
    public required long View { get; init; }

    /// <summary>See <see cref="TraceDocument.Sequence"/>.</summary>
    public required long Sequence { get; init; }

    /// <summary>See <see cref="TraceDocument.Title"/>.</summary>
    public required string Title { get; init; }

    /// <summary>See <see cref="TraceDocument.Primary"/>.</summary>
    public int? Primary { get; init; }

    /// <summary>See <see cref="TraceDocument.Digest"/>.</summary>
    public string? Digest { get; init; }

    /// <summary>See <see cref="TraceDocument.Requests"/>.</summary>
    public int? Requests { get; init; }

    /// <summary>See <see cref="TraceDocument.Client"/>.</summary>
    public string? Client { get; init; }

    /// <summary>See <see cref="TraceDocument.TraceId"/>.</summary>
    public string? TraceId { get; init; }

    /// <summary>See <see cref="TraceDocument.Complete"/>.</summary>
    public required bool Complete { get; init; }

    /// <summary>Adds a phase of a replica; none where it did not begin.</summary>
    public void AddPhase(int replica, string phase, long began, long ended)
    {
        if (began != 0) _phases.Add((replica, phase, ended == 0 ? began : Math.Min(began, ended), ended));
    }

    /// <summary>The document, with what happened in its time.</summary>
    public TraceDocument ToDocument(ReadOnlySpan<RecordedEvent> events)
    {
        var (start, end) = Span();
        return new()
        {
            Id = Id,
            Kind = Kind,
            Title = Title,
            Start = HostClock.ToTime(new(start)).UtcDateTime,
            DurationUs = end - start,
            Replicas = scene.Cluster.Replicas,
            Tolerated = scene.Cluster.MaxFaulty,
            Quorum = scene.Cluster.Quorum,
            Hosted = scene.Hosted.ToIndexes(),
            View = View,
            Primary = Primary,
            Sequence = Sequence,
            Digest = Digest,
            Requests = Requests,
            Client = Client,
            TraceId = TraceId,
            Complete = Complete,
            Messages = [.. Arrows.All.Select(arrow => Describe(arrow, start)).OrderBy(static one => one.SentUs ?? one.ArrivedUs ?? long.MaxValue)
                .ThenBy(static one => one.ArrivedUs ?? long.MaxValue).ThenBy(static one => one.Kind, StringComparer.Ordinal)
                .ThenBy(static one => one.From).ThenBy(static one => one.To)],
            Phases = [.. _phases.OrderBy(static one => one.Replica).ThenBy(static one => one.Began).Select(one => Describe(one, start))],
            Events = [.. EventsIn(events, start, end).TakeLast(EventsMax)],
        };
    }

    /// <summary>The line of it in a list.</summary>
    public TraceSummaryDocument ToSummary()
    {
        var (start, end) = Span();
        return new()
        {
            Id = Id,
            Kind = Kind,
            Start = HostClock.ToTime(new(start)).UtcDateTime,
            DurationUs = end - start,
            View = View,
            Sequence = Sequence,
            Requests = Requests,
            Client = Client,
            Anomalies = Arrows.All.Count(static arrow => arrow.Mark is TraceMessageDocument.Missing or TraceMessageDocument.Lying),
            Complete = Complete,
            Title = Title,
        };
    }

    private (long Start, long End) Span()
    {
        var (start, end) = (long.MaxValue, 0L);
        foreach (var arrow in Arrows.All) Include(arrow.Sent, arrow.Arrived);
        foreach (var phase in _phases) Include(phase.Began, phase.Ended);
        return end == 0 ? (scene.Now, scene.Now) : (start, end);

        void Include(long one, long other)
        {
            foreach (var time in (ReadOnlySpan<long>)[one, other])
            {
                if (time != 0) (start, end) = (Math.Min(start, time), Math.Max(end, time));
            }
        }
    }

    private List<TraceEventDocument> EventsIn(ReadOnlySpan<RecordedEvent> events, long start, long end)
    {
        var found = new List<TraceEventDocument>();
        foreach (var what in events)
        {
            var isOfIt = (what.At >= start && what.At <= end) || (what.Kind == EventKind.Accused && Sequence != 0 && what.Sequence == Sequence);
            if (isOfIt) found.Add(new() { Replica = what.Replica, AtUs = what.At - start, Text = EventWording.Say(what) });
        }

        return found;
    }

    private static TraceMessageDocument Describe(in Arrow arrow, long start) => new()
    {
        Kind = arrow.Kind,
        From = arrow.From,
        To = arrow.To,
        SentUs = arrow.Sent == 0 ? null : arrow.Sent - start,
        ArrivedUs = arrow.Arrived == 0 ? null : arrow.Arrived - start,
        Mark = arrow.Mark,
        Note = arrow.Note,
    };

    private static TracePhaseDocument Describe((int Replica, string Phase, long Began, long Ended) phase, long start) => new()
    {
        Replica = phase.Replica,
        Phase = phase.Phase,
        BeganUs = phase.Began - start,
        EndedUs = phase.Ended == 0 ? null : phase.Ended - start,
    };
}
