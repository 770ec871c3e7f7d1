using System.Diagnostics.CodeAnalysis;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Simulation.Network;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>One replica of a simulated cluster: the two machines of the core, their loops, and what a silo's hosts do around them.</summary>
internal sealed class SimulatedReplica : IEnvelopeSink
{
    private readonly SimulatedCluster _cluster;
    private readonly Func<IStateMachine> _service;
    private readonly LoopOptions _loop;
    private readonly List<Reply> _replies = [];
    private readonly List<PeerEnvelope> _envelopes = [];
    private readonly List<ClientEnvelope> _answers = [];
    private readonly List<ReadReply> _readReplies = [];
    private readonly VirtualTime _time;
    private IEnumerable<JournalRecord> _recovered;
    private readonly List<Input> _inputs = [];
    private SessionNode? _sessions; // of this life, where the wire has MACs
    private MachineLoop<Input> _replicaLoop;
    private MachineLoop<LeaderInput> _leaderLoop;

    public SimulatedReplica(SimulatedCluster cluster, ReplicaId id, Func<IStateMachine> service, LoopOptions loop, ReplicaDisk disk)
    {
        _cluster = cluster;
        _time = cluster.Time;
        _service = service;
        _loop = loop;
        Id = id;
        Disk = disk;
        Boot();
    }

    public ReplicaId Id { get; }

    public ObservedService Service { get; private set; }

    public ReplicatedState State { get; private set; }

    public Replica Machine { get; private set; }

    public Leader Leader { get; private set; }

    /// <summary>What is wrong with it; null while it is correct.</summary>
    public Behaviour? Behaviour { get; set; }

    /// <summary>How long its messages wait before they are sent.</summary>
    public TimeSpan SendAfter { get; set; }

    /// <summary>Decides which requests its leader is handed once more, without its replica's knowledge; null for none.</summary>
    public Prng? OrdersAgain { get; set; }

    /// <summary>What survives a crash.</summary>
    public ReplicaDisk Disk { get; }

    /// <summary>The other live replica with the same key; null for none.</summary>
    public SimulatedReplica? Twin { get; set; }

    /// <summary>With a twin: whom this one hears and reaches. Everybody else has the other.</summary>
    public Func<int, bool> Reaches { get; set; } = static _ => true;

    /// <summary>Whether it is down.</summary>
    public bool IsCrashed { get; private set; }

    /// <summary>Is told when it crashed because its disk did, and not because somebody wanted it.</summary>
    public Action<SimulatedReplica> OnPowerLost { get; set; } = static _ => { };

    /// <summary>Whether something of it is on its way to the disk.</summary>
    public bool IsFlushing => _replicaLoop.IsFlushing || _leaderLoop.IsFlushing;

    public void Start()
    {
        _sessions?.Sessions.Announce();
        if (_cluster.HasLives && !_recovered.Any()) Machine.Join(_cluster.NextLife());
        _replicaLoop.Start(Machine.Start);
    }

    /// <summary>Starts it again as a new process would, from what is on its disk; it stays down where the disk crashes meanwhile.</summary>
    public void Restart()
    {
        _replies.Clear();
        try
        {
            Boot();
        }
        catch (SimulatedCrashException)
        {
            LosePower();
            return;
        }

        Resume();
    }

    /// <summary>Goes on where what is on its disk ends.</summary>
    public void Resume()
    {
        IsCrashed = false;
        Machine.Recover(_recovered);
        _cluster.Observer.OnRestarted(this);
        Start();
    }

    /// <summary>Ends it here and now; what was not durable is lost with it.</summary>
    public void Crash()
    {
        if (IsFlushing) _cluster.Report.Count(Mark.CrashLostUnflushed);
        IsCrashed = true;
        _replicaLoop.Stop();
        _leaderLoop.Stop();
        Disk.Crash();
    }

    /// <summary>An envelope arrived.</summary>
    public void Receive(int from, ReadOnlyMemory<byte> envelope)
    {
        if (!Reaches(from))
        {
            Twin!.Receive(from, envelope); // it has one where it does not reach all
            return;
        }

        if (IsCrashed)
        {
            _cluster.Report.Count(Mark.ActedCrashed);
            return;
        }

        Behaviour?.OnReceived(envelope);
        _inputs.Clear();
        var reason = _sessions is null ? _cluster.Wire.TryOpenOne(envelope, _inputs) : _sessions.Opener.TryOpen(envelope, _inputs);
        if (reason != RejectReason.None)
        {
            _cluster.Report.Count(reason == RejectReason.UnknownSessionKey ? Mark.SessionKeysUnknown : Mark.EnvelopesRejected);
            _cluster.Observer.OnRejected(Id.Index, from, reason);
            return;
        }

        if (_inputs.Count > 1) _cluster.Report.Count(Mark.PacksOpened);
        foreach (var input in _inputs)
        {
            if (input is { Kind: InputKind.PrePrepare, PrePrepare.IsDoubtful: true }) _cluster.Report.Count(Mark.ProposalsDoubted);
            _cluster.Observer.OnReceived(Id.Index, from, input);
            _replicaLoop.Post(input);
        }
    }

    /// <summary>Hands the machine an input that no network carried: for scripts.</summary>
    public void Inject(in Input input) => _replicaLoop.Post(input);

    private void LosePower()
    {
        Crash();
        OnPowerLost(this);
    }

    [MemberNotNull(nameof(Service), nameof(State), nameof(Machine), nameof(Leader), nameof(_recovered), nameof(_replicaLoop), nameof(_leaderLoop))]
    private void Boot()
    {
        var journal = Disk.Open(out _recovered);
        Service = new(_service(), (in OperationContext context, ReadOnlySpan<byte> operation) => _cluster.Observer.OnApplied(this, context, operation));
        State = new(_cluster.Options, _cluster.Wire.Cluster, Service);
        Machine = new(Id, _cluster.Options, State);
        Leader = new(Id, _cluster.Options);
        _sessions = _cluster.Wire.Boot(Id, _loop, this);
        _replicaLoop = new(_time, _loop, journal)
        {
            Step = StepReplica,
            Perform = Perform,
            Observe = effect => _cluster.Observer.OnEffect(this, effect),
            OnDrained = SendReplies,
            OnPowerLost = LosePower,
            Tick = Input.Tick,
            IsTick = static input => input.Kind == InputKind.Tick,
        };
        _leaderLoop = new(_time, _loop, journal)
        {
            Step = StepLeader,
            Perform = Perform,
            Observe = effect => _cluster.Observer.OnEffect(this, effect),
            OnDrained = static () => { },
            OnPowerLost = LosePower,
            Tick = LeaderInput.Tick,
            IsTick = static input => input.Kind == LeaderInputKind.Tick,
        };
    }

    private void StepReplica(Instant now, Input input, Outbox outbox)
    {
        if (Behaviour?.Takes(input) == false) return;
        Machine.Step(now, input, outbox);
        _cluster.Observer.OnStepped(this, input);
    }

    private void StepLeader(Instant now, LeaderInput input, Outbox outbox)
    {
        if (input.Kind == LeaderInputKind.Order && Behaviour?.Takes(Input.Of(input.Request)) == false) return;
        Leader.Step(now, input, outbox);
    }

    private void Perform(Instant now, in Effect effect)
    {
        switch (effect.Kind)
        {
            case EffectKind.Broadcast:
                Broadcast(effect);
                break;
            case EffectKind.Send:
                Send(ReplicaSet.Empty.With(effect.To), effect);
                break;
            case EffectKind.Relay:
                Relay(effect);
                break;
            case EffectKind.Reply:
                _replies.Add(effect.ReplyMessage);
                break;
            case EffectKind.AnswerRead:
                _readReplies.Add(effect.ReadReplyMessage);
                break;
            case EffectKind.Order:
                Order(effect.Request!); // every Order has one
                break;
            case EffectKind.InformLeader:
                _leaderLoop.Post(LeaderInput.Of(effect.LeaderUpdate));
                break;
            case EffectKind.Accuse or EffectKind.Report:
                break; // observed already
            default:
                throw new System.Diagnostics.UnreachableException($"No performer for {effect.Kind}.");
        }
    }

    private void Order(Request request)
    {
        _leaderLoop.Post(LeaderInput.Of(request));
        if (OrdersAgain is not { } random || !random.Chance(300)) return;
        _cluster.Report.Count(Mark.ActedOrderTwice);
        _time.After(TimeSpan.FromMilliseconds(random.Between(1, 200)), () => _leaderLoop.Post(LeaderInput.Of(request)));
    }

    private void Broadcast(in Effect effect)
    {
        var toSelf = !effect.IsVote && effect.Message is PrePrepare; // the leader's proposal is for its own replica too
        var to = toSelf ? _cluster.Options.Cluster.All : _cluster.Options.Cluster.All.Without(Id);
        Send(to, effect);
    }

    private void Send(ReplicaSet to, in Effect effect)
    {
        _cluster.Observer.OnSent(Id.Index, to, effect.AsInput());
        if (Behaviour is { } behaviour)
        {
            behaviour.Send(to, effect, _envelopes);
            SendDistorted();
            return;
        }

        if (_sessions is not null)
        {
            _sessions.Outgoing.Send(to, effect);
            return;
        }

        var envelope = _cluster.Wire.Seal(effect);
        foreach (var peer in to) Send(peer.Index, envelope);
    }

    private void Relay(in Effect effect)
    {
        _cluster.Observer.OnSent(Id.Index, ReplicaSet.Empty.With(effect.To), effect.AsInput());
        var envelope = effect.Envelope;
        if (Behaviour is { } behaviour)
        {
            behaviour.Relay(effect.To, envelope, _envelopes);
            SendDistorted();
            return;
        }

        if (_sessions is null) Send(effect.To.Index, envelope);
        else _sessions.Outgoing.Relay(effect.To, envelope);
    }

    private void SendDistorted()
    {
        foreach (var (to, envelope) in _envelopes) Send(to.Index, envelope);
        _envelopes.Clear();
    }

    /// <summary>A drain's replies leave together, behind its other messages.</summary>
    private void SendReplies()
    {
        _sessions?.Outgoing.Flush();
        if (_sessions is not null && Behaviour is null)
        {
            foreach (var reply in _replies) _cluster.Observer.OnReplied(this, reply);
            _sessions.Outgoing.Answer([.. _replies], [.. _readReplies]);
            _replies.Clear();
            _readReplies.Clear();
            return;
        }

        SendReadReplies();
        if (_replies.Count == 0) return;
        if (Behaviour is { } behaviour)
        {
            behaviour.Reply(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_replies), _answers);
            foreach (var (client, answer) in _answers)
            {
                if (_cluster.AddressOf(client) is { } address) Send(address, answer);
            }

            _answers.Clear();
            _replies.Clear();
            return;
        }

        var envelopes = _cluster.Wire.Seal([.. _replies]);
        for (var i = 0; i < envelopes.Length; i++)
        {
            _cluster.Observer.OnReplied(this, _replies[i]);
            if (_cluster.AddressOf(_replies[i].Request.Client) is { } address) Send(address, envelopes[i]);
        }

        _replies.Clear();
    }

    private void SendReadReplies()
    {
        if (_readReplies.Count == 0) return;
        if (Behaviour is { } behaviour)
        {
            behaviour.Reply(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_readReplies), _answers);
            foreach (var (client, answer) in _answers)
            {
                if (_cluster.AddressOf(client) is { } address) Send(address, answer);
            }

            _answers.Clear();
            _readReplies.Clear();
            return;
        }

        var envelopes = _cluster.Wire.Seal([.. _readReplies]);
        for (var i = 0; i < envelopes.Length; i++)
        {
            if (_cluster.AddressOf(_readReplies[i].Client) is { } address) Send(address, envelopes[i]);
        }

        _readReplies.Clear();
    }

    void IEnvelopeSink.ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent) => SendWhereSealed(to.Index, envelope);

    void IEnvelopeSink.ToClient(ClientId to, ReadOnlyMemory<byte> envelope)
    {
        if (_cluster.AddressOf(to) is { } address) SendWhereSealed(address, envelope);
    }

    private void SendWhereSealed(int to, ReadOnlyMemory<byte> envelope)
    {
        if (envelope.Span[1] == (byte)MessageKind.SessionKey) _cluster.Report.Count(Mark.SessionKeysSaid);
        Send(to, envelope);
    }

    private void Send(int to, ReadOnlyMemory<byte> envelope)
    {
        if (Twin is not null)
        {
            SendAsTwin(to, envelope);
            return;
        }

        var after = SendAfter + (Behaviour?.Delay ?? TimeSpan.Zero);
        if (after == TimeSpan.Zero || to == Id.Index)
        {
            _cluster.Network.Send(Id.Index, to, envelope);
            return;
        }

        if (SendAfter > TimeSpan.Zero) _cluster.Report.Count(Mark.ActedSlow);
        _time.After(after, () => _cluster.Network.Send(Id.Index, to, envelope));
    }

    /// <summary>A twin's own messages to itself are its own; those to others reach only its side.</summary>
    private void SendAsTwin(int to, ReadOnlyMemory<byte> envelope)
    {
        _cluster.Report.Count(Mark.ActedTwins);
        if (to == Id.Index)
        {
            if (_cluster.Wire.TryOpen(envelope, out var own) == RejectReason.None) _time.After(SimulatedNetwork.ToSelf, () => _replicaLoop.Post(own));
        }
        else if (Reaches(to))
        {
            _cluster.Network.Send(Id.Index, to, envelope);
        }
    }
}
