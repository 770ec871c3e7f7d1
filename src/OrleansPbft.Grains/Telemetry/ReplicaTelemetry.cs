using System.Diagnostics;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>All that instruments are told by one replica's machine. On its loop, but for what says otherwise; what is not listened to costs a comparison.</summary>
internal sealed class ReplicaTelemetry
{
    // So many requests that it delayed one span links to.
    private const int LinksMax = 32;

    private readonly ReplicaId _replica;
    private readonly PbftInstruments _instruments;
    private readonly RequestTraces _requests = new(beginsTraces: false);
    private readonly EpisodeRecorder _episodes;
    private (Instant Began, Instant Ended)? _recovered;

    public ReplicaTelemetry(ReplicaId replica, ClusterId cluster, ProtocolOptions options, PbftInstruments instruments, HostClock clock)
    {
        _replica = replica;
        _instruments = instruments;
        Phases = new(replica, options.LogWindow, instruments, clock);
        Peers = new(options.Cluster.Replicas);
        _episodes = new(replica, cluster, options.CheckpointInterval, instruments, AddLinksTo);
    }

    /// <summary>How long slots are in their phases.</summary>
    public PhaseRecorder Phases { get; }

    /// <summary>How far the peers are.</summary>
    public PeerProgress Peers { get; }

    /// <summary>The replica's journal was read; told before the machine starts, by whoever made it.</summary>
    public void OnRecovered(Instant began, Instant ended) => _recovered = (began, ended);

    /// <summary>The machine starts.</summary>
    public void OnStart(Replica machine)
    {
        if (_recovered is not { } recovered) return;
        _recovered = null;
        if (machine.LastExecuted > default(SequenceNumber)) _episodes.OnRecovered(recovered.Began, recovered.Ended, machine.LastExecuted, machine.StableCheckpoint);
    }

    /// <summary>Something arrived, and the machine is stepped with it next.</summary>
    public void OnArrival(in Arrival arrival)
    {
        switch (arrival.Input.Kind)
        {
            case InputKind.PrePrepare: Phases.OnProposalArrived(arrival.Input.PrePrepare, arrival.TraceParent, arrival.At); break;
            case InputKind.Request when arrival.TraceParent is not null: _requests.OnArrived(arrival.Input.Request, arrival.TraceParent, arrival.At); break;
            default: Peers.OnInput(arrival.Input); break;
        }
    }

    /// <summary>What to send along with a request to its own leader.</summary>
    public string? TraceParentOf(Request? request) => _requests.TraceParentOf(request);

    /// <summary>A request is passed on to a peer: writes the span of that, and returns what to send along.</summary>
    public string? OnForwarded(Request? request, ReplicaId to, Instant now)
    {
        if (request is null || !_requests.TryGet(request.Id, out var trace)) return null;
        var span = Spans.Begin(SpanNames.Forward, ActivityKind.Client, trace.Context, HostClock.ToTime(trace.Arrived));
        if (span is null) return trace.TraceParent;
        span.SetTag(PbftTelemetry.Replica, _replica.Index);
        span.SetTag(PbftTelemetry.Peer, to.Index);
        Spans.End(span, HostClock.ToTime(now));
        return Spans.TraceParentOf(span) ?? trace.TraceParent;
    }

    /// <summary>The machine reported something.</summary>
    public void OnReported(in ProtocolEvent what, Instant now)
    {
        switch (what.Kind)
        {
            case ProtocolEventKind.PrePrepared or ProtocolEventKind.Prepared or ProtocolEventKind.Committed:
                Phases.OnEvent(what, now);
                break;
            case ProtocolEventKind.Executed:
                Phases.OnEvent(what, now);
                _requests.OnExecuted(what.Batch);
                _episodes.OnExecuted(what.Sequence, now);
                break;
            case ProtocolEventKind.Ignored:
                _instruments.OnIgnored(_replica.Index, (IgnoreReason)what.Amount);
                break;
            case ProtocolEventKind.RefusedBusy:
                _instruments.OnRefusedBusy(_replica.Index);
                break;
            case ProtocolEventKind.Resent:
                _instruments.OnResent(_replica.Index, what.About.Index, what.Amount);
                break;
            case ProtocolEventKind.RequestOverdue:
                _instruments.OnOverdue(_replica.Index);
                break;
            default:
                _episodes.OnEvent(what, now);
                break;
        }
    }

    private void AddLinksTo(List<ActivityLink> links)
    {
        _requests.AddLinksTo(links, LinksMax);
        Phases.AddLinksTo(links, LinksMax);
    }
}
