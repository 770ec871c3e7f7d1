using System.Buffers;
using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Services;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Network;
using OrleansPbft.Simulation.Tracing;

namespace OrleansPbft.Simulation.Tests.Transcripts;

/// <summary>A scripted cluster: the same machines, loops and encoding as in a simulation, and nothing left to chance.</summary>
internal sealed class Scene : IDisposable
{
    private readonly VirtualTime _time = new();
    private readonly SimulatedCluster _cluster;
    private readonly StringBuilder _text = new();
    private readonly TraceObserver _transcript;
    private readonly List<(int From, Input Message)> _sent = [];

    public Scene(string title, int replicas = 4, int clients = 1, Func<ProtocolOptions, ProtocolOptions>? configure = null)
    {
        var options = new ProtocolOptions { Cluster = new(replicas), CheckpointInterval = 8, LogWindow = 16, BatchDelayMax = TimeSpan.FromMilliseconds(2) };
        if (configure is not null) options = configure(options);
        Assert.Empty(options.Problems());

        _transcript = new(_time, replicas, line => _text.AppendLine(line));
        _cluster = new(
            options,
            _time,
            new PlainWire(options),
            Links,
            clients,
            new ObserverGroup(_transcript, new Recorder(_sent)),
            new(),
            static id => new FragileStore(id),
            static _ => new());
        Clients = new SimulatedClient[clients];
        for (var i = 0; i < clients; i++)
        {
            Clients[i] = new(
                _cluster,
                i,
                new() { Cluster = options.Cluster, Window = options.SessionWindow, RetransmitAfter = TimeSpan.FromMilliseconds(100) },
                options.SessionWindow);
            _transcript.Know(Clients[i].Id, i);
        }

        _transcript.Note($"# {title}");
        _transcript.Note($"# {options.Cluster} K={options.CheckpointInterval} L={options.LogWindow}");
        _cluster.Start();
    }

    public ScriptedLinks Links { get; } = new();

    public IList<SimulatedClient> Clients { get; }

    public IList<SimulatedReplica> Replicas => _cluster.Replicas;

    /// <summary>Opens the sessions of all clients, unrecorded: s1, s2, ... at n1, n2, ...</summary>
    public Scene WithSessions()
    {
        _transcript.IsRecording = false;
        foreach (var client in Clients)
        {
            client.Open();
            Run(milliseconds: 20);
            Assert.NotEqual(SessionId.None, client.Session);
        }

        _transcript.IsRecording = true;
        return this;
    }

    /// <summary>Has a client ask for these operations in one request.</summary>
    public void Submit(params string[] operations) => SubmitOf(0, operations);

    public void SubmitOf(int client, params string[] operations) => Clients[client].Submit([.. operations.Select(Encode)]);

    /// <summary>Sends what no correct replica sends.</summary>
    public void Lie(int from, int to, in Vote vote)
    {
        _transcript.OnSent(from, ReplicaSet.Empty.With(new(to)), Input.Of(vote));
        _cluster.Network.Send(from, to, _cluster.Wire.Seal(vote));
    }

    /// <summary>Sends what no correct replica sends.</summary>
    public void Lie(int from, int to, IPeerMessage message)
    {
        _transcript.OnSent(from, ReplicaSet.Empty.With(new(to)), message.AsInput());
        _cluster.Network.Send(from, to, _cluster.Wire.Seal(message));
    }

    /// <summary>The last message of a kind that a replica handed to the network, whether or not it arrived.</summary>
    public Input LastSent(int from, InputKind kind) => _sent.Last(one => one.From == from && one.Message.Kind == kind).Message;

    /// <summary>From here on the replica is faulty in this way.</summary>
    public void Spoil(int replica, FaultKind kind) =>
        Replicas[replica].Behaviour = Misbehaviour.Of(kind, new(replica), _cluster.Options.Cluster, _cluster.Wire, new Prng(1), _cluster.Report);

    public void Note(string line) => _transcript.Note($"-- {line}");

    /// <summary>Lets so much time pass.</summary>
    public void Run(int milliseconds = 20)
    {
        var until = _time.Now.Plus(TimeSpan.FromMilliseconds(milliseconds));
        while (_time.RunNext(until))
        {
            Assert.True(_time.Events < 100_000, "The scene never comes to rest.");
        }
    }

    public override string ToString()
    {
        _transcript.Flush();
        return _text.ToString();
    }

    public void Dispose() => _cluster.Dispose();

    /// <summary>"increment k", "put k v", "get k"; anything else goes to the service as it is.</summary>
    private static ReadOnlyMemory<byte> Encode(string operation)
    {
        var words = operation.Split(' ');
        return words[0] switch
        {
            "increment" => KeyValueOperation.Increment(words[1]),
            "put" => KeyValueOperation.Put(words[1], Encoding.UTF8.GetBytes(words[2])),
            "get" => KeyValueOperation.Get(words[1]),
            _ => Encoding.UTF8.GetBytes(operation),
        };
    }

    private sealed class Recorder(List<(int From, Input Message)> sent) : Observer
    {
        public override void OnSent(int from, ReplicaSet to, in Input message) => sent.Add((from, message));
    }

    /// <summary>The key-value store, but "boom" makes it throw something else on each replica.</summary>
    private sealed class FragileStore(ReplicaId id) : IStateMachine
    {
        private readonly KeyValueStore _store = new();

        public string Name => _store.Name;

        public StateTree State => _store.State;

        public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result)
        {
            if (operation.SequenceEqual("boom"u8)) throw new InvalidOperationException($"on {id}");
            _store.Apply(operation, context, result);
        }

        public void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result) => _store.Query(operation, result);

        public bool Restore(StateTree state) => _store.Restore(state);

        public void Rehash() => _store.Rehash();
    }
}
