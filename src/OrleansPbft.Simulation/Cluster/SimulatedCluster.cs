using OrleansPbft.Core;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>Replicas and clients on one network in one thread: what simulations and transcripts run.</summary>
internal sealed class SimulatedCluster : IDisposable
{
    private readonly Dictionary<ClientId, int> _addresses = [];

    public SimulatedCluster(
        ProtocolOptions options,
        VirtualTime time,
        SimulatedWire wire,
        ILinks links,
        int clients,
        Observer observer,
        SimulationReport report,
        Func<ReplicaId, IStateMachine> service,
        Func<ReplicaId, LoopOptions> loop)
    {
        Options = options;
        Time = time;
        Wire = wire;
        Observer = observer;
        Report = report;
        Network = new(time, links, options.Cluster.Replicas + clients, report);
        for (var i = 0; i < clients; i++) _addresses.Add(wire.ClientOf(i), options.Cluster.Replicas + i);

        Replicas = new SimulatedReplica[options.Cluster.Replicas];
        for (var i = 0; i < Replicas.Count; i++)
        {
            var replica = new SimulatedReplica(this, new(i), service(new(i)), loop(new(i)));
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

    public int? AddressOf(ClientId client) => _addresses.TryGetValue(client, out var address) ? address : null;

    public void Start()
    {
        foreach (var replica in Replicas) replica.Start();
    }

    public void Dispose() => Wire.Dispose();
}
