using System.Diagnostics.Metrics;
using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>What client ports tell instruments.</summary>
internal sealed class ClientPortMetrics
{
    private static readonly string[] RejectNames = Enum.GetNames<RejectReason>();
    private static readonly string[] CauseNames = Enum.GetNames<CloseCause>();

    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _delayed;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _heldBack;

    public ClientPortMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansPbft");
        _connections = meter.CreateUpDownCounter<long>("pbft.client_port.connections", "{connection}", "Connections that are open.");
        _refused = meter.CreateCounter<long>("pbft.client_port.connections.refused", "{connection}", "Connections refused before they were open.");
        _delayed = meter.CreateCounter<long>(
            "pbft.client_port.connections.delayed", "{connection}", "Connections that had to wait, as others of their address had to be ended.");
        _closed = meter.CreateCounter<long>("pbft.client_port.connections.closed", "{connection}", "Connections that ended, by cause.");
        _requests = meter.CreateCounter<long>("pbft.client_port.requests", "{request}", "Authentic requests handed to a replica.");
        _rejected = meter.CreateCounter<long>("pbft.client_port.envelopes.rejected", "{envelope}", "Frames dropped before a replica saw them.");
        _heldBack = meter.CreateCounter<long>("pbft.client_port.requests.held_back", "{request}", "Requests not looked at, of clients that asked too often what was refused.");
        _dropped = meter.CreateCounter<long>("pbft.client_port.replies.dropped", "{reply}", "Replies dropped because their client does not read.");
    }

    public void OnOpened() => _connections.Add(1);

    public void OnRefused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("pbft.reason", reason));

    public void OnDelayed() => _delayed.Add(1);

    public void OnClosed(CloseCause cause)
    {
        _connections.Add(-1);
        _closed.Add(1, new KeyValuePair<string, object?>("pbft.reason", CauseNames[(int)cause]));
    }

    public void OnHeldBack() => _heldBack.Add(1);

    public void OnRequest() => _requests.Add(1);

    public void OnRejected(RejectReason reason) => _rejected.Add(1, new KeyValuePair<string, object?>("pbft.reason", RejectNames[(int)reason]));

    public void OnDropped(int replies) => _dropped.Add(replies);
}
