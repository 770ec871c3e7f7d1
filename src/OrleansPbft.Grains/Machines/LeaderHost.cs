using Microsoft.Extensions.Logging;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains.Network;
using OrleansPbft.Grains.Recording;
using OrleansPbft.Grains.Telemetry;
using OrleansPbft.Journal;

namespace OrleansPbft.Grains.Machines;

/// <summary>The <see cref="Leader"/> machine of one replica, with its pipelines. What it proposes goes to every replica, its own included.</summary>
internal sealed class LeaderHost : MachineHost
{
    private readonly Leader _machine;
    private readonly OrderRecorder _orders;
    private readonly ReplicaRecorder? _recorder;
    private string? _traceParent; // of the proposal whose report came just before it

    public LeaderHost(
        Leader machine,
        ReplicaVoice voice,
        EnvelopeOpener opener,
        ProtocolOptions options,
        HostClock clock,
        IReplicaJournal journal,
        IPeers peers,
        PbftInstruments instruments,
        FaultSwitch? faults,
        ReplicaRecorder? recorder,
        ILogger<LeaderHost> log)
        : base(voice.Replica, clock, journal, faults, log)
    {
        _machine = machine;
        _orders = new(Id);
        _recorder = recorder;
        Rejects = new(instruments, Id.Index);

        // Its replica hands over what it admitted, and some of it again.
        Inbound = new([new(2 * options.PendingMax, 2L * options.PendingBytesMax)], opener, clock, Rejects, Halt);
        Outbound = new(voice, options.Cluster, peers, phases: null, faults, recorder, clock, Halt);
    }

    public override RejectCounter Rejects { get; }

    protected override InboundPipeline Inbound { get; }

    protected override OutboundPipeline Outbound { get; }

    /// <summary>The replica tells where it stands.</summary>
    public void Update(LeaderUpdate update)
    {
        if (Halted is null) Inbound.Post(new(default, update, null, Clock.Now));
    }

    /// <summary>Where this leader stands, for people.</summary>
    public LeaderStatus GetStatus()
    {
        lock (Stepping) return new(Id.Index, _machine.Queued, _machine.Outstanding, Rejects.Total, Halted);
    }

    protected override int LaneOf(int origin) => origin == Id.Index ? 0 : -1;

    protected override void Start(Instant now)
    {
        // It leads when its replica says so, and not before.
    }

    protected override void Step(Instant now, in Arrival arrival)
    {
        if (arrival.Update is { } update)
        {
            if (!update.IsPrimary) _orders.OnStopped();
            _machine.Step(now, LeaderInput.Of(update), Outbox);
            return;
        }

        switch (arrival.Input.Kind)
        {
            case InputKind.Tick:
                _machine.Step(now, LeaderInput.Tick, Outbox);
                break;
            case InputKind.Request:
                _orders.OnArrived(arrival.Input.Request, arrival.TraceParent, arrival.At);
                _machine.Step(now, LeaderInput.Of(arrival.Input.Request), Outbox);
                break;
            default:
                Rejects.Count(RejectReason.WrongSender); // authentic, but nothing that is ordered
                break;
        }
    }

    protected override void Perform(Instant now, in Effect effect)
    {
        switch (effect.Kind)
        {
            case EffectKind.Report:
                if (effect.Event is { Kind: ProtocolEventKind.Proposed } proposed) _traceParent = _orders.OnProposed(proposed, now);
                break;
            case EffectKind.Broadcast:
                Outbound.Add(effect, _traceParent);
                _traceParent = null;
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"No performer for {effect.Kind}.");
        }
    }

    protected override void OnHalted(string reason) => _recorder?.OnHosted(EventKind.Halted, $"its leader: {reason}", Clock.Now);

    protected override void OnDrained()
    {
        // What a leader shows, its status reads from the machine.
    }
}
