using Microsoft.Extensions.Options;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;
using OrleansPbft.Grains.Recording.Drawing;

namespace OrleansPbft.Grains.Recording;

/// <summary>What the replicas of this process received, did and sent of late, joined into message sequence diagrams, and how fast they are. For people: nothing in
/// the protocol depends on it. Thread-safe. What is kept is bounded, and is this process's own account: another organisation's silo has its own.</summary>
public sealed class ProtocolHistory
{
    /// <summary>How many sequence numbers are kept, the newest.</summary>
    public const int SlotsKept = 256;

    /// <summary>How many view changes are kept, the newest.</summary>
    public const int ViewChangesKept = 32;

    /// <summary>How many checkpoints are kept, the newest.</summary>
    public const int CheckpointsKept = 64;

    /// <summary>How many events are kept, the newest of all replicas here.</summary>
    public const int EventsKept = 1024;

    private readonly ClusterSize _cluster;
    private readonly ReplicaSet _hosted;
    private readonly HostClock _clock;
    private readonly ReplicaRecorder?[] _recorders; // by replica
    private readonly EventLog _events = new(EventsKept);
    private readonly LiveMeter _meter;

    /// <summary>Makes the room.</summary>
    /// <param name="cluster">Which replicas are here.</param>
    /// <param name="options">Whether anything is recorded.</param>
    /// <param name="time">The clock of the records.</param>
    public ProtocolHistory(PbftCluster cluster, IOptions<PbftOptions> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        _cluster = cluster.Options.Cluster;
        _clock = new(time);
        _recorders = new ReplicaRecorder?[_cluster.Replicas];
        IsKept = options.Value.Telemetry.Recorder;
        foreach (var replica in cluster.Hosted)
        {
            _hosted = _hosted.With(replica);
            if (IsKept) _recorders[replica.Index] = new(replica, cluster.Options, _events);
        }

        _meter = new([.. _recorders.OfType<ReplicaRecorder>()]);
    }

    /// <summary>Whether anything is recorded: <c>Pbft:Telemetry:Recorder</c>.</summary>
    public bool IsKept { get; }

    /// <summary>The number of the newest event; 0 while there is none.</summary>
    public long LastEvent => _events.Last;

    private Scene Scene => new(_cluster, _hosted, _clock.Now.Microseconds);

    /// <summary>The newest traces.</summary>
    /// <param name="limit">The most that are wanted; 1 or more.</param>
    /// <param name="kind">Only those of one kind, as <see cref="TraceDocument.Kind"/> says it; null for all.</param>
    public TraceListDocument List(int limit, string? kind = null)
    {
        var found = Collect().Where(one => kind is null || one.Kind == kind).OrderByDescending(static one => one.Began).ThenByDescending(static one => one.Key).Take(limit);
        var scene = Scene;
        return new() { Hosted = _hosted.ToIndexes(), Items = [.. found.Select(one => Draw(scene, one.Kind, one.Key).ToSummary())] };
    }

    /// <summary>One trace; null where it is not, or no longer, kept.</summary>
    /// <param name="id">As in <see cref="TraceDocument.Id"/>, or <see cref="TraceDocument.Last"/> for the newest batch that holds a request.</param>
    public TraceDocument? Find(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id == TraceDocument.Last) return FindNewest() is { } newest ? Find(newest.Id) : null;
        if (!TryParse(id, out var kind, out var key) || !IsKnown(kind, key)) return null;
        return Draw(Scene, kind, key).ToDocument(_events.Newest(EventsKept));
    }

    /// <summary>The newest batch that holds a request; null while there is none.</summary>
    public TraceSummaryDocument? FindNewest()
    {
        var scene = Scene;
        var keys = Collect().Where(static one => one.Kind == TraceDocument.RequestKind).Select(static one => one.Key).OrderDescending();
        return keys.Select(key => Draw(scene, TraceDocument.RequestKind, key).ToSummary()).FirstOrDefault(static one => one.Requests is not 0);
    }

    /// <summary>The newest events, newest last.</summary>
    /// <param name="limit">The most that are wanted.</param>
    public EventDocument[] NewestEvents(int limit) => Describe(_events.Newest(limit));

    /// <summary>Events after one, oldest first; those of them that are kept.</summary>
    /// <param name="id">The number of that event; 0 for all.</param>
    /// <param name="limit">The most that are wanted; the oldest are given.</param>
    public EventDocument[] EventsAfter(long id, int limit) => Describe(_events.After(id, limit));

    /// <summary>How fast the replicas here are.</summary>
    public LiveDocument Measure() => _meter.Measure(_clock.Now);

    /// <summary>How long the flushes of one replica's journal took over the last ten seconds; null where there was none.</summary>
    /// <param name="replica">A replica of this process.</param>
    public LatencyDocument? MeasureFlushes(int replica) => _recorders[replica] is { } recorder ? LiveMeter.MeasureFlushes(recorder, _clock.Now) : null;

    /// <summary>Where a replica of this process notes things; null where nothing is recorded.</summary>
    internal ReplicaRecorder? RecorderOf(ReplicaId replica) => _recorders[replica.Index];

    private static EventDocument[] Describe(RecordedEvent[] events) => [.. events.Select(static one => EventWording.Describe(one))];

    /// <summary>n17, v3, c128.</summary>
    private static bool TryParse(string id, out string kind, out long key)
    {
        kind = id.Length == 0 ? "" : id[0] switch
        {
            'n' => TraceDocument.RequestKind,
            'v' => TraceDocument.ViewChangeKind,
            'c' => TraceDocument.CheckpointKind,
            _ => "",
        };
        key = 0;
        return kind.Length > 0 && long.TryParse(id.AsSpan(1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out key);
    }

    /// <summary>All there is to draw, each once, and when it began at the first replica here.</summary>
    private IEnumerable<(string Kind, long Key, long Began)> Collect()
    {
        var slots = new List<(long Key, long Began)>();
        var views = new List<(long Key, long Began)>();
        var checkpoints = new List<(long Key, long Began)>();
        foreach (var recorder in _recorders) recorder?.CollectTo(slots, views, checkpoints);
        return Join(TraceDocument.RequestKind, slots, SlotsKept)
            .Concat(Join(TraceDocument.ViewChangeKind, views, ViewChangesKept))
            .Concat(Join(TraceDocument.CheckpointKind, checkpoints, CheckpointsKept));

        static IEnumerable<(string Kind, long Key, long Began)> Join(string kind, List<(long Key, long Began)> found, int most) => found
            .GroupBy(static one => one.Key)
            .Select(group => (kind, Key: group.Key, Began: group.Min(static one => one.Began)))
            .OrderByDescending(static one => one.Key)
            .Take(most);
    }

    private bool IsKnown(string kind, long key) => kind switch
    {
        TraceDocument.RequestKind => _recorders.Any(recorder => recorder?.CopySlot(key) is { BeganAt: not 0 }),
        TraceDocument.ViewChangeKind => _recorders.Any(recorder => recorder?.CopyView(key) is { BeganAt: not 0 }),
        _ => _recorders.Any(recorder => recorder?.CopyCheckpoint(key) is { BeganAt: not 0 }),
    };

    private Picture Draw(Scene scene, string kind, long key) => kind switch
    {
        TraceDocument.RequestKind => RequestDrawing.Draw(
            scene, key, [.. _recorders.Select(recorder => recorder?.CopySlot(key))], (replica, id) => _recorders[replica]?.FindRequest(id) ?? default, CopyViews),
        TraceDocument.ViewChangeKind => ViewChangeDrawing.Draw(scene, new(key), CopyViews(key)),
        _ => CheckpointDrawing.Draw(scene, key, [.. _recorders.Select(recorder => recorder?.CopyCheckpoint(key))]),
    };

    private ViewRecord?[] CopyViews(long view) => [.. _recorders.Select(recorder => recorder?.CopyView(view))];
}
