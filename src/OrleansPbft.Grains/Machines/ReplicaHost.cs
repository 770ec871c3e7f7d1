using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Faults;
using OrleansPbft.Grains.Network;
using OrleansPbft.Grains.Recording;
using OrleansPbft.Grains.Telemetry;
using OrleansPbft.Journal;

namespace OrleansPbft.Grains.Machines;

/// <summary>The <see cref="Replica"/> machine of one replica, with its pipelines, its journal and its counts.</summary>
internal sealed class ReplicaHost : MachineHost
{
    private static readonly string[] IgnoreNames = Enum.GetNames<IgnoreReason>();

    private readonly Replica _machine;
    private readonly ClusterSize _cluster;
    private readonly SessionKeys? _sessions;
    private readonly IGrainFactory _grains;
    private readonly PbftInstruments _instruments;
    private readonly ReplicaRecorder? _recorder;
    private readonly long[] _ignored = new long[IgnoreNames.Length];
    private readonly Queue<string> _evidence = [];
    private ILeaderGrain? _leader;
    private long _accusations;
    private long _refusedBusy;
    private long _view;
    private long _lastExecuted;
    private long _stableCheckpoint;
    private int _pending;
    private int _inFlight;
    private int _sessionsOpen;
    private ReplicaCondition _condition;

    public ReplicaHost(
        Replica machine,
        ReplicaVoice voice,
        EnvelopeOpener opener,
        ProtocolOptions options,
        HostClock clock,
        IReplicaJournal journal,
        IPeers peers,
        IGrainFactory grains,
        PbftInstruments instruments,
        FaultSwitch? faults,
        ReplicaRecorder? recorder,
        ILogger<ReplicaHost> log)
        : base(voice.Replica, clock, journal, faults, log)
    {
        _machine = machine;
        _cluster = options.Cluster;
        _grains = grains;
        _instruments = instruments;
        _recorder = recorder;
        Telemetry = new(Id, voice.Cluster, options, instruments, clock);
        Rejects = new(instruments, Id.Index);
        Inbound = new(BoundLanes(Id, options, opener.Limits), opener, clock, Rejects, Halt, (origin, reason) =>
        {
            if (origin is not Envelope.FromClients) peers.OnRejected(Id, new(origin), reason);
        });
        Outbound = new(voice, options.Cluster, peers, Telemetry.Phases, faults, recorder, clock, Halt);
        _sessions = voice.Sessions;
        _sessions?.Attach(new PeerSink(Id, peers));
    }

    public override RejectCounter Rejects { get; }

    /// <summary>What its instruments are told.</summary>
    public ReplicaTelemetry Telemetry { get; }

    /// <summary>n.</summary>
    public int Replicas => _cluster.Replicas;

    /// <summary>How it is doing, in a word, as of the last drain.</summary>
    public string State => Halted is not null ? ReplicaStatus.HaltedState : Silent is not null ? ReplicaStatus.OutOfSpaceState : _condition.ToString();

    /// <summary>What waits: received to be opened, opened to be stepped, and to be sealed.</summary>
    public (int Received, int Opened, int Outgoing) QueueDepths => (Inbound.Waiting, Inbound.Backlog, Outbound.Waiting);

    /// <summary>v, as of the last drain; so are the next five. For instruments.</summary>
    public long View => Volatile.Read(ref _view);

    public long LastExecuted => Volatile.Read(ref _lastExecuted);

    public long StableCheckpoint => Volatile.Read(ref _stableCheckpoint);

    public long Pending => Volatile.Read(ref _pending);

    public long InFlight => Volatile.Read(ref _inFlight);

    public long Sessions => Volatile.Read(ref _sessionsOpen);

    protected override InboundPipeline Inbound { get; }

    protected override OutboundPipeline Outbound { get; }

    /// <summary>Where this replica stands, for people.</summary>
    public ReplicaStatus GetStatus()
    {
        lock (Stepping)
        {
            // After a broken invariant the machine is not asked for more than its last known numbers.
            var snapshot = Halted is null ? _machine.Snapshot() : null;
            return new()
            {
                Id = Id.Index,
                State = Silent is not null ? ReplicaStatus.OutOfSpaceState : snapshot?.Condition.ToString() ?? ReplicaStatus.HaltedState,
                View = snapshot?.View.Number ?? View,
                Primary = _cluster.PrimaryOf(snapshot?.View ?? new(View)).Index,
                LastExecuted = snapshot?.LastExecuted.Value ?? LastExecuted,
                StableCheckpoint = snapshot?.StableCheckpoint.Value ?? StableCheckpoint,
                StateDigest = snapshot?.StateDigest.ToHex() ?? "",
                Pending = snapshot?.Pending ?? _pending,
                InFlight = snapshot?.InFlight ?? _inFlight,
                Sessions = snapshot?.Sessions ?? 0,
                Accusations = _accusations,
                Evidence = [.. _evidence],
                Rejected = Rejects.ByReason(),
                Ignored = IgnoredByReason(),
                RefusedBusy = _refusedBusy,
                HaltedBecause = Halted ?? Silent,
                Fault = Faults?.Current?.Fault.ToString(),
                SilentUpTo = snapshot?.SilentUpTo?.Value,
            };
        }
    }

    /// <summary>Whether there is room for more of what a peer sends.</summary>
    public bool HasRoom(ReplicaId from) => Inbound.HasRoom(LaneOf(from.Index));

    /// <summary>Drops what waits of a peer.</summary>
    public void Forget(ReplicaId from) => Inbound.Forget(LaneOf(from.Index));

    /// <summary>What it is made to do wrong, for people.</summary>
    public FaultStatus GetFault()
    {
        var fault = Faults?.Current;
        return new(Id.Index, fault?.Fault.ToString(), fault?.Acts ?? 0);
    }

    /// <summary>Makes it faulty from its next drain on; null heals it.</summary>
    /// <exception cref="InvalidOperationException">Faults are not enabled.</exception>
    public FaultStatus SetFault(Fault? fault)
    {
        if (Faults is null) throw new InvalidOperationException(FaultInjectionOptions.Disabled);
        Faults.Set(fault);
        _recorder?.OnHosted(fault is null ? EventKind.Healed : EventKind.MadeFaulty, fault?.ToString(), Clock.Now);
        if (fault is null) Log.Healed(Id);
        else Log.MadeFaulty(Id, fault);
        return GetFault();
    }

    // Peers by their ids; behind them all clients together, bounded by what may be pending.
    protected override int LaneOf(int origin) => origin == Envelope.FromClients ? _cluster.Replicas : origin < _cluster.Replicas ? origin : -1;

    protected override void Start(Instant now)
    {
        _sessions?.Announce();
        Telemetry.OnStart(_machine);
        _machine.Start(now, Outbox);
    }

    protected override void Step(Instant now, in Arrival arrival)
    {
        Telemetry.OnArrival(arrival);
        _recorder?.OnArrived(arrival, _machine.View, _machine.LastExecuted);
        var before = _machine.LastExecuted;
        _machine.Step(now, arrival.Input, Outbox);
        if (_machine.LastExecuted > before) Telemetry.Phases.OnExecuted(before, _machine.LastExecuted, now, Clock.Now);
    }

    protected override void Perform(Instant now, in Effect effect)
    {
        switch (effect.Kind)
        {
            case EffectKind.Broadcast or EffectKind.Send or EffectKind.Reply or EffectKind.AnswerRead:
                Outbound.Add(effect);
                break;
            case EffectKind.Relay:
                Outbound.Add(effect, Telemetry.OnForwarded(effect.Request, effect.To, now));
                break;
            case EffectKind.Order:
                var request = effect.Request!; // every Order has one
                _ = Leader().Order(new(request.Envelope, Id.Index, Telemetry.TraceParentOf(request)));
                break;
            case EffectKind.InformLeader:
                _ = Leader().Update(LeaderTerm.Of(effect.LeaderUpdate));
                break;
            case EffectKind.Accuse:
                OnAccused(effect.Evidence, now);
                break;
            case EffectKind.Report:
                OnReported(effect.Event, now);
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"No performer for {effect.Kind}.");
        }
    }

    protected override void OnFlushed(Instant began, Instant ended) => _recorder?.OnFlushed(began, ended);

    protected override void OnHalted(string reason) => _recorder?.OnHosted(EventKind.Halted, reason, Clock.Now);

    protected override void OnDrained()
    {
        Volatile.Write(ref _view, _machine.View.Number);
        Inbound.Primary = _cluster.PrimaryOf(_machine.View).Index;
        Volatile.Write(ref _lastExecuted, _machine.LastExecuted.Value);
        Volatile.Write(ref _stableCheckpoint, _machine.StableCheckpoint.Value);
        Volatile.Write(ref _pending, _machine.Pending);
        Volatile.Write(ref _inFlight, _machine.InFlight);
        Volatile.Write(ref _sessionsOpen, _machine.Sessions);
        _condition = _machine.Condition;
    }

    private static LaneBounds[] BoundLanes(ReplicaId self, ProtocolOptions options, WireLimits limits)
    {
        // A peer's votes and proposals of two windows, and all it may relay at once; in bytes, several of the largest envelopes.
        var peer = new LaneBounds((8 * options.LogWindow) + options.PendingMax, (8L * limits.EnvelopeBytesMax) + options.PendingBytesMax, LaneOrigin.Peer);
        var clients = new LaneBounds(2 * options.PendingMax, options.PendingBytesMax, LaneOrigin.Clients);
        var lanes = new LaneBounds[options.Cluster.Replicas + 1];
        Array.Fill(lanes, peer);
        lanes[self.Index] = peer with { Origin = LaneOrigin.Own };
        lanes[^1] = clients;
        return lanes;
    }

    private ILeaderGrain Leader() => _leader ??= _grains.GetGrain<ILeaderGrain>(Id.Index);

    private void OnAccused(Evidence evidence, Instant now)
    {
        _recorder?.OnAccused(evidence, now);
        _accusations++;
        if (_evidence.Count >= ReplicaStatus.EvidenceMax) _evidence.Dequeue();
        _evidence.Enqueue(evidence.ToString());
        _instruments.OnAccusation(Id.Index, evidence.Kind);

        // A liar may go on for ever: the log says it the first time, the second, the fourth, the eighth ...
        if (System.Numerics.BitOperations.IsPow2(_accusations)) Log.Accused(Id, evidence);
    }

    private void OnReported(in ProtocolEvent what, Instant now)
    {
        _recorder?.OnReported(what, now);
        Telemetry.OnReported(what, now);
        switch (what.Kind)
        {
            case ProtocolEventKind.Ignored:
                _ignored[(int)what.Amount]++;
                break;
            case ProtocolEventKind.RefusedBusy:
                _refusedBusy++;
                break;
            case ProtocolEventKind.RequestOverdue:
                Log.RequestOverdue(Id, TimeSpan.FromMicroseconds(what.Amount));
                break;
            case ProtocolEventKind.CheckpointStable:
                Log.CheckpointStable(Id, what.Sequence, what.Digest);
                break;
            case ProtocolEventKind.TransferStarted:
                Log.TransferStarted(Id, what.Sequence);
                break;
            case ProtocolEventKind.TransferCompleted:
                Log.TransferCompleted(Id, what.Sequence, what.Amount);
                break;
            case ProtocolEventKind.TransferOvertaken:
                Log.TransferOvertaken(Id, what.Sequence);
                break;
            case ProtocolEventKind.DonorDropped:
                Log.DonorDropped(Id, what.About, what.Sequence);
                break;
            case ProtocolEventKind.Suspected:
                Log.Suspected(Id, what.View, what.About, (SuspicionCause)what.Amount);
                break;
            case ProtocolEventKind.ViewChangeStarted:
                Log.ViewChangeStarted(Id, what.View);
                break;
            case ProtocolEventKind.ViewEntered:
                Log.ViewEntered(Id, what.View, what.About, what.Sequence, what.Amount);
                break;
            case ProtocolEventKind.LearnerJoined:
                Log.LearnerJoined(Id);
                break;
            case ProtocolEventKind.LearnerBounded:
                Log.LearnerBounded(Id, what.Sequence, what.View);
                break;
            case ProtocolEventKind.TookPart when what.Amount == (long)LifeStage.Original:
                Log.TookPart(Id);
                break;
            case ProtocolEventKind.TookPart:
                Log.TookPartAgain(Id, what.Sequence, what.View);
                break;
            case ProtocolEventKind.StateDiverged:
                Log.StateDiverged(Id, what.Sequence, what.Digest);
                break;
        }
    }

    private ImmutableDictionary<string, long> IgnoredByReason()
    {
        var counts = ImmutableDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        for (var i = 0; i < _ignored.Length; i++)
        {
            if (_ignored[i] > 0) counts.Add(IgnoreNames[i], _ignored[i]);
        }

        return counts.ToImmutable();
    }
}
