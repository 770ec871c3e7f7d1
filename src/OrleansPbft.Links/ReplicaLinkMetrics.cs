using System.Diagnostics.Metrics;

namespace OrleansPbft.Links;

/// <summary>What links between replicas tell instruments.</summary>
internal sealed class ReplicaLinkMetrics
{
    private readonly UpDownCounter<long> _open;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _received;
    private readonly Counter<long> _receivedBytes;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _dials;
    private readonly Meter _meter;

    public ReplicaLinkMetrics(IMeterFactory meters)
    {
        var meter = _meter = meters.Create("OrleansPbft");
        _open = meter.CreateUpDownCounter<long>("pbft.link.connections", "{connection}", "Links that are open, by direction.");
        _refused = meter.CreateCounter<long>("pbft.link.connections.refused", "{connection}", "Links refused before they were open, by reason.");
        _closed = meter.CreateCounter<long>("pbft.link.connections.closed", "{connection}", "Links from peers that ended, by cause.");
        _sent = meter.CreateCounter<long>("pbft.link.envelopes.sent", "{envelope}", "Envelopes put in line for a peer.");
        _received = meter.CreateCounter<long>("pbft.link.envelopes.received", "{envelope}", "Envelopes received from peers, unchecked.");
        _receivedBytes = meter.CreateCounter<long>("pbft.link.received", "By", "Bytes of messages received from peers.");
        _dials = meter.CreateCounter<long>("pbft.link.dials", "{dial}", "Times that a peer was dialled, by peer and outcome; beyond the first that opened they are reconnections.");
        _dropped = meter.CreateCounter<long>("pbft.link.envelopes.dropped", "{envelope}", "Envelopes dropped because a peer's queue was full, by peer.");
    }

    /// <summary>What waits for each peer, read when it is wanted.</summary>
    public void Observe(Func<IEnumerable<(int Peer, int Bytes)>> queues) => _meter.CreateObservableGauge(
        "pbft.link.queue", () => queues().Select(static queue => new Measurement<long>(queue.Bytes, new KeyValuePair<string, object?>("pbft.peer", queue.Peer))), "By",
        "Bytes that wait to be sent to a peer, by peer.");

    /// <summary>A link was dialled, as it is again whenever it is lost.</summary>
    public void OnDialled(int peer, bool isOpen) =>
        _dials.Add(1, new KeyValuePair<string, object?>("pbft.peer", peer), new KeyValuePair<string, object?>("pbft.outcome", isOpen ? "Opened" : "Failed"));

    public void OnOpened(string direction) => _open.Add(1, new KeyValuePair<string, object?>("pbft.direction", direction));

    public void OnEnded(string direction) => _open.Add(-1, new KeyValuePair<string, object?>("pbft.direction", direction));

    public void OnRefused(LinkRefusal reason) => _refused.Add(1, new KeyValuePair<string, object?>("pbft.reason", reason.ToString()));

    public void OnClosed(LinkEnd cause) => _closed.Add(1, new KeyValuePair<string, object?>("pbft.reason", cause.ToString()));

    public void OnSent() => _sent.Add(1);

    public void OnReceived(int envelopes, int bytes)
    {
        _received.Add(envelopes);
        _receivedBytes.Add(bytes);
    }

    public void OnDropped(int peer, int envelopes) => _dropped.Add(envelopes, new KeyValuePair<string, object?>("pbft.peer", peer));
}
