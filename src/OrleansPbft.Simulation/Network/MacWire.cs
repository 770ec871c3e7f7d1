using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Simulation.Cluster;

namespace OrleansPbft.Simulation.Network;

/// <summary>The real thing in mode Macs: every life of a node has session keys of its own, which it says over the same bad network as all else.</summary>
/// <param name="options">The cluster's.</param>
/// <param name="time">The one clock.</param>
/// <param name="report">Takes the marks.</param>
/// <param name="lifetimes">How long keys live; so short that they are replaced in the middle of every run, when not given.</param>
internal sealed class MacWire(ProtocolOptions options, VirtualTime time, SimulationReport report, SessionKeyOptions? lifetimes = null) : SignedWire(options)
{
    private static readonly SessionKeyOptions ShortLifetimes = new()
    {
        Lifetime = TimeSpan.FromSeconds(2),
        Overlap = TimeSpan.FromMilliseconds(500),
    };

    private readonly SessionKeyOptions _lifetimes = lifetimes ?? ShortLifetimes;
    private readonly SignatureVerifier _verifier = new(new());
    private readonly List<SessionKeys> _all = [];
    private readonly Dictionary<int, EnvelopeOpener> _openers = []; // of clients
    private SimulatedNetwork? _network;

    public override void Attach(SimulatedNetwork network) => _network = network;

    public override SessionNode Boot(ReplicaId replica, LoopOptions loop, IEnvelopeSink sink)
    {
        var sessions = SessionKeys.OfReplica(Cluster, Options.Cluster.Replicas, replica, KeyOf(replica), _lifetimes, new SessionTime(time, loop));
        _all.Add(sessions);
        sessions.Attach(sink);
        return new(sessions, new(Membership, Options, _verifier, sessions: sessions), new(SealerOf(replica), Options.Cluster, sessions, sink));
    }

    public override RejectReason TryOpenAtClient(int client, ReadOnlyMemory<byte> envelope, ICollection<Input> inputs)
    {
        Client(client);
        return _openers[client].TryOpen(envelope, inputs);
    }

    protected override ClientSealer MakeSealer(int client, KeyPair key)
    {
        var sessions = SessionKeys.OfClient(Cluster, Options.Cluster.Replicas, key, _lifetimes, new SessionTime(time, new()));
        _all.Add(sessions);
        sessions.Attach(new ClientSink(this, Options.Cluster.Replicas + client));
        _openers.Add(client, new(Membership, Options, _verifier, sessions: sessions));
        return new(Cluster, key, new(Options), sessions: sessions);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var sessions in _all) sessions.Dispose();
        base.Dispose(disposing);
    }

    private sealed class ClientSink(MacWire wire, int address) : IEnvelopeSink
    {
        public void ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent)
        {
            wire._network?.Send(address, to.Index, envelope);
            wire.Report.Count(Mark.SessionKeysSaid);
        }

        public void ToClient(ClientId to, ReadOnlyMemory<byte> envelope)
        {
            // A client has nothing to say to clients.
        }
    }

    private SimulationReport Report => report;
}
