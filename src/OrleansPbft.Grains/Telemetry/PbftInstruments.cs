using System.Diagnostics.Metrics;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>All metrics of the replicas of one process (docs/telemetry.md). Nothing is spent on an instrument nobody listens to.</summary>
internal sealed class PbftInstruments : IDisposable
{
    private static readonly string[] IgnoreNames = Enum.GetNames<IgnoreReason>();

    // The tags of replica i, and of peer i, boxed once.
    private static readonly KeyValuePair<string, object?>[] ReplicaTags = TagsOf(PbftTelemetry.Replica);
    private static readonly KeyValuePair<string, object?>[] PeerTags = TagsOf(PbftTelemetry.Peer);

    private readonly Histogram<double> _phases;
    private readonly Histogram<long> _batchSizes;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _ignored;
    private readonly Counter<long> _busy;
    private readonly Counter<long> _overdue;
    private readonly Counter<long> _accusations;
    private readonly Counter<long> _resent;
    private readonly Counter<long> _suspicions;
    private readonly Counter<long> _viewChanges;
    private readonly Histogram<double> _viewChangeDurations;
    private readonly Histogram<double> _checkpoints;
    private readonly Histogram<double> _transfers;
    private readonly Counter<long> _transferred;

    public PbftInstruments()
    {
        _phases = Seconds("pbft.phase.duration", "How long a slot was in a phase, by phase: pre-prepare, prepare, commit, execute.");
        _batchSizes = Meter.CreateHistogram("pbft.batch.size", "{request}", "Requests in an executed batch.", tags: null, advice: MetricBuckets.Counts);
        _rejected = Counter("pbft.envelopes.rejected", "{envelope}", "Envelopes dropped before the protocol saw them, by reason.");
        _ignored = Counter("pbft.inputs.ignored", "{input}", "Authentic inputs without effect, by reason.");
        _busy = Counter("pbft.requests.refused", "{request}", "Requests and reads answered Busy.");
        _overdue = Counter("pbft.requests.overdue", "{request}", "Times that a request waited longer than its time-out.");
        _accusations = Counter("pbft.accusations", "{accusation}", "Evidence of what no correct replica sends, by kind.");
        _resent = Counter("pbft.messages.resent", "{message}", "Messages sent again to a peer that lacked them, by peer.");
        _suspicions = Counter("pbft.suspicions", "{suspicion}", "Times that a replica suspected its view, by cause.");
        _viewChanges = Counter("pbft.view_changes", "{change}", "Times that a replica left a view, by cause.");
        _viewChangeDurations = Seconds("pbft.view_change.duration", "From leaving a view to the beginning of the next.");
        _checkpoints = Seconds("pbft.checkpoint.duration", "From taking a checkpoint to its being stable.");
        _transfers = Seconds("pbft.state_transfer.duration", "How long state transfers took, by outcome.");
        _transferred = Counter("pbft.state_transfer.received", "By", "Bytes of chunks that completed state transfers took.");
    }

    /// <summary>Where they are published.</summary>
    public Meter Meter { get; } = new(PbftTelemetry.Name);

    /// <summary>Whether anybody wants to know how long phases take.</summary>
    public bool TimesPhases => _phases.Enabled;

    /// <summary>The metrics that are read when they are wanted.</summary>
    /// <param name="replicas">Those of this process.</param>
    /// <param name="leaders">Theirs.</param>
    public void Observe(Func<IEnumerable<ReplicaHost>> replicas, Func<IEnumerable<LeaderHost>> leaders)
    {
        Gauge("pbft.view", "{view}", "v: the view a replica is in, or changes to.", static replica => replica.View);
        Gauge("pbft.last_executed", "{sequence}", "The last sequence number executed.", static replica => replica.LastExecuted);
        Gauge("pbft.stable_checkpoint", "{sequence}", "h: the last stable checkpoint.", static replica => replica.StableCheckpoint);
        Gauge("pbft.pending", "{request}", "Requests that wait to be executed.", static replica => replica.Pending);
        Gauge("pbft.in_flight", "{sequence}", "Sequence numbers proposed or voted on and not executed.", static replica => replica.InFlight);
        Gauge("pbft.sessions", "{session}", "Open sessions of clients.", static replica => replica.Sessions);
        Meter.CreateObservableGauge(
            "pbft.replica.state", () => replicas().Select(StateOf), "{replica}",
            "1 for the state that a replica is in: Normal, Behind, ViewChanging, Learner, Diverged, OutOfSpace, Halted.");
        Meter.CreateObservableGauge(
            "pbft.peer.lag", () => replicas().SelectMany(LagsOf), "{sequence}", "How far a peer is behind, as far as it said, by peer.");
        Meter.CreateObservableGauge(
            "pbft.queue.depth", () => replicas().SelectMany(QueuesOf).Concat(leaders().Select(QueueOf)), "{item}",
            "What waits: received to be opened, opened to be stepped, outgoing to be sealed, requests to be ordered.");

        void Gauge(string name, string unit, string description, Func<ReplicaHost, long> read) =>
            Meter.CreateObservableGauge(
                name, () => replicas().Select(replica => new Measurement<long>(read(replica), ReplicaTags[replica.Id.Index])), unit, description);
    }

    public void OnPhase(int replica, string phase, TimeSpan duration) =>
        _phases.Record(duration.TotalSeconds, ReplicaTags[replica], new("pbft.phase", phase));

    public void OnExecuted(int replica, long requests) => _batchSizes.Record(requests, ReplicaTags[replica]);

    public void OnRejected(int replica, string reason) => _rejected.Add(1, ReplicaTags[replica], new(PbftTelemetry.Reason, reason));

    public void OnIgnored(int replica, IgnoreReason reason) => _ignored.Add(1, ReplicaTags[replica], new(PbftTelemetry.Reason, IgnoreNames[(int)reason]));

    public void OnRefusedBusy(int replica) => _busy.Add(1, ReplicaTags[replica]);

    public void OnOverdue(int replica) => _overdue.Add(1, ReplicaTags[replica]);

    public void OnAccusation(int replica, EvidenceKind kind) => _accusations.Add(1, ReplicaTags[replica], new("pbft.evidence", kind.ToString()));

    public void OnResent(int replica, int peer, long messages) => _resent.Add(messages, ReplicaTags[replica], PeerTags[peer]);

    public void OnSuspected(int replica, string cause) => _suspicions.Add(1, ReplicaTags[replica], new(PbftTelemetry.Cause, cause));

    public void OnViewChange(int replica, string cause) => _viewChanges.Add(1, ReplicaTags[replica], new(PbftTelemetry.Cause, cause));

    public void OnViewEntered(int replica, TimeSpan duration) => _viewChangeDurations.Record(duration.TotalSeconds, ReplicaTags[replica]);

    public void OnCheckpoint(int replica, TimeSpan duration) => _checkpoints.Record(duration.TotalSeconds, ReplicaTags[replica]);

    public void OnTransfer(int replica, string outcome, TimeSpan duration, long bytes)
    {
        _transfers.Record(duration.TotalSeconds, ReplicaTags[replica], new(PbftTelemetry.Outcome, outcome));
        if (bytes > 0) _transferred.Add(bytes, ReplicaTags[replica]);
    }

    public void Dispose() => Meter.Dispose();

    private static KeyValuePair<string, object?>[] TagsOf(string name) =>
        [.. Enumerable.Range(0, ClusterSize.ReplicasMax).Select(id => new KeyValuePair<string, object?>(name, id))];

    private static Measurement<long> StateOf(ReplicaHost replica) => new(1, ReplicaTags[replica.Id.Index], new("pbft.state", replica.State));

    private static IEnumerable<Measurement<long>> LagsOf(ReplicaHost replica) =>
        from peer in Enumerable.Range(0, replica.Replicas)
        where peer != replica.Id.Index
        select new Measurement<long>(replica.Telemetry.Peers.LagOf(peer, replica.LastExecuted), ReplicaTags[replica.Id.Index], PeerTags[peer]);

    private static IEnumerable<Measurement<long>> QueuesOf(ReplicaHost replica)
    {
        var (received, opened, outgoing) = replica.QueueDepths;
        yield return QueueOf(replica.Id, "received", received);
        yield return QueueOf(replica.Id, "opened", opened);
        yield return QueueOf(replica.Id, "outgoing", outgoing);
    }

    private static Measurement<long> QueueOf(LeaderHost leader) => QueueOf(leader.Id, "order", leader.GetStatus().Queued);

    private static Measurement<long> QueueOf(ReplicaId replica, string queue, long depth) => new(depth, ReplicaTags[replica.Index], new("pbft.queue", queue));

    private Histogram<double> Seconds(string name, string description) =>
        Meter.CreateHistogram(name, "s", description, tags: null, advice: MetricBuckets.Seconds);

    private Counter<long> Counter(string name, string unit, string description) => Meter.CreateCounter<long>(name, unit, description);
}
