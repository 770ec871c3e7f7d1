using OrleansPbft.Core;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>Replicas and clients on one network in one thread: what simulations and transcripts run.</summary>
internal sealed class SimulatedCluster : IDisposable
{
    private readonly Dictionary<ClientId, int> _addresses = [];
    private long _lives;

    public SimulatedCluster(
        ProtocolOptions options,
        VirtualTime time,
        SimulatedWire wire,
        ILinks links,
        int clients,
        Observer observer,
        SimulationReport report,
        Func<ReplicaId, IStateMachine> service,
        Func<ReplicaId, LoopOptions> loop,
        Func<ReplicaId, ReplicaDisk>? disk = null)
    {
        Options = options;
        Time = time;
        Wire = wire;
        Observer = observer;
        Report = report;
        Network = new(time, links, options.Cluster.Replicas + clients, observer, report);
        wire.Attach(Network);
        for (var i = 0; i < clients; i++) _addresses.Add(wire.ClientOf(i), options.Cluster.Replicas + i);

        Replicas = new SimulatedReplica[options.Cluster.Replicas];
        for (var i = 0; i < Replicas.Count; i++)
        {
            var id = new ReplicaId(i);
            var replica = new SimulatedReplica(this, id, () => service(id), loop(id), disk?.Invoke(id) ?? new SimulatedDisk());
            Replicas[i] = replica;
            Network.Attach(i, replica.Receive);
        }
    }

    public ProtocolOptions Options { get; }

    public VirtualTime Time { get; }

    public SimulatedWire Wire { get; }

    public SimulatedNetwork Network { get; }

    public Observer Observer { get; }

    public SimulationReport Report { get; }

    public IList<SimulatedReplica> Replicas { get; }

    /// <summary>Whether who starts with nothing on its disk joins as a learner (D-5); else it takes part.</summary>
    public bool HasLives { get; init; }

    /// <summary>A number for a life.</summary>
    public long NextLife() => ++_lives;

    public int? AddressOf(ClientId client) => _addresses.TryGetValue(client, out var address) ? address : null;

    /// <summary>Gives a replica a second life beside its first: two processes, each with a disk of its own, that hold one key. The second is yet to resume.</summary>
    public SimulatedReplica AddTwin(ReplicaId id, Func<IStateMachine> service, LoopOptions loop, Func<int, bool> reachesFirst)
    {
        var first = Replicas[id.Index];
        var second = new SimulatedReplica(this, id, service, loop, first.Disk.Copy()) { Twin = first, Reaches = address => !reachesFirst(address) };
        first.Twin = second;
        first.Reaches = reachesFirst;
        return second;
    }

    public void Start()
    {
        foreach (var replica in Replicas) replica.Start();
    }

    public void Dispose() => Wire.Dispose();
}
