using System.Diagnostics.Metrics;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>All metrics of the replicas of one process. Nothing is spent on an instrument nobody listens to.</summary>
internal sealed class PbftInstruments : IDisposable
{
    private static readonly string[] IgnoreNames = Enum.GetNames<IgnoreReason>();

    // The tags of replica i, boxed once.
    private static readonly KeyValuePair<string, object?>[] ReplicaTags =
        [.. Enumerable.Range(0, ClusterSize.ReplicasMax).Select(static id => new KeyValuePair<string, object?>(PbftTelemetry.Replica, id))];

    private readonly Histogram<double> _phases;
    private readonly Histogram<long> _batchSizes;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _ignored;
    private readonly Counter<long> _busy;
    private readonly Counter<long> _accusations;
    private readonly Counter<long> _resent;

    public PbftInstruments()
    {
        _phases = Meter.CreateHistogram<double>("pbft.phase.duration", "s", "How long a slot was in a phase.");
        _batchSizes = Meter.CreateHistogram<long>("pbft.batch.size", "{request}", "Requests in an executed batch.");
        _rejected = Meter.CreateCounter<long>("pbft.envelopes.rejected", "{envelope}", "Envelopes dropped before the protocol saw them.");
        _ignored = Meter.CreateCounter<long>("pbft.inputs.ignored", "{input}", "Authentic inputs without effect.");
        _busy = Meter.CreateCounter<long>("pbft.requests.refused", "{request}", "Requests answered Busy.");
        _accusations = Meter.CreateCounter<long>("pbft.accusations", "{accusation}", "What no correct replica sends.");
        _resent = Meter.CreateCounter<long>("pbft.messages.resent", "{message}", "Messages sent again to a peer that lacked them.");
    }

    /// <summary>Where they are published.</summary>
    public Meter Meter { get; } = new(PbftTelemetry.Name);

    /// <summary>Whether anybody wants to know how long phases take.</summary>
    public bool TimesPhases => _phases.Enabled;

    /// <summary>The metrics that are read when they are wanted.</summary>
    /// <param name="replicas">Those of this process.</param>
    public void Observe(Func<IEnumerable<Machines.ReplicaHost>> replicas)
    {
        Gauge("pbft.view", "{view}", "v.", static replica => replica.View);
        Gauge("pbft.last_executed", "{sequence}", "The last sequence number executed.", static replica => replica.LastExecuted);
        Gauge("pbft.stable_checkpoint", "{sequence}", "h.", static replica => replica.StableCheckpoint);
        Gauge("pbft.pending", "{request}", "Requests that wait to be executed.", static replica => replica.Pending);
        Gauge("pbft.in_flight", "{sequence}", "Sequence numbers under way.", static replica => replica.InFlight);

        void Gauge(string name, string unit, string description, Func<Machines.ReplicaHost, long> read) =>
            Meter.CreateObservableGauge(
                name, () => replicas().Select(replica => new Measurement<long>(read(replica), ReplicaTags[replica.Id.Index])), unit, description);
    }

    public void OnPhase(int replica, string phase, TimeSpan duration) =>
        _phases.Record(duration.TotalSeconds, ReplicaTags[replica], new("pbft.phase", phase));

    public void OnExecuted(int replica, long requests) => _batchSizes.Record(requests, ReplicaTags[replica]);

    public void OnRejected(int replica, string reason) => _rejected.Add(1, ReplicaTags[replica], new("reason", reason));

    public void OnIgnored(int replica, IgnoreReason reason) => _ignored.Add(1, ReplicaTags[replica], new("reason", IgnoreNames[(int)reason]));

    public void OnRefusedBusy(int replica) => _busy.Add(1, ReplicaTags[replica]);

    public void OnAccusation(int replica, EvidenceKind kind) => _accusations.Add(1, ReplicaTags[replica], new("kind", kind.ToString()));

    public void OnResent(int replica, long messages) => _resent.Add(messages, ReplicaTags[replica]);

    public void Dispose() => Meter.Dispose();
}
