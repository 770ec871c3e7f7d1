using System.Diagnostics;
using OrleansPbft.Client;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>View changes, checkpoints, state transfers and recoveries of one replica: as metrics, and as spans in traces of their own that link to the
/// requests they delay.</summary>
/// <remarks>All but checkpoints are always recorded. The trace of a view change, or of a checkpoint, is one for all replicas, under an id that each of them knows.</remarks>
internal sealed class EpisodeRecorder(ReplicaId replica, ClusterId cluster, int checkpointInterval, PbftInstruments instruments, Action<List<ActivityLink>> addLinks)
{
    /// <summary>Why a replica changes views that has not suspected the one it leaves: f + 1 others have.</summary>
    public const string Joined = "Joined";

    /// <summary>Why a replica changes views that it was shown the beginning of.</summary>
    public const string Shown = "Shown";

    // So many checkpoints may wait to become stable; more are within no window.
    private const int CheckpointsMax = 8;

    private readonly (long Sequence, Instant At)[] _taken = new (long, Instant)[CheckpointsMax];
    private (View View, SuspicionCause Cause, Instant At)? _suspicion;
    private Episode? _viewChange;
    private Episode? _transfer;
    private Episode? _learning;
    private string? _diverged; // digest of the state that was wrong, until its transfer begins

    /// <summary>The replica took up where its journal ends.</summary>
    public void OnRecovered(Instant began, Instant ended, SequenceNumber lastExecuted, SequenceNumber stableCheckpoint)
    {
        if (PbftTelemetry.Source.HasListeners())
        {
            Begin(SpanNames.Recovery, began).Write(
                TraceSampling.Always(), replica.Index, ended, (PbftTelemetry.Sequence, lastExecuted.Value), ("pbft.checkpoint", stableCheckpoint.Value));
        }
    }

    /// <summary>A batch was executed: with every K a checkpoint is taken.</summary>
    public void OnExecuted(SequenceNumber sequence, Instant now)
    {
        if (sequence.Value % checkpointInterval == 0) _taken[sequence.Value / checkpointInterval % CheckpointsMax] = (sequence.Value, now);
    }

    /// <summary>Something else happened.</summary>
    public void OnEvent(in ProtocolEvent what, Instant now)
    {
        switch (what.Kind)
        {
            case ProtocolEventKind.CheckpointStable: OnStable(what, now); break;
            case ProtocolEventKind.Suspected: OnSuspected(what, now); break;
            case ProtocolEventKind.ViewChangeStarted: OnViewLeft(what, now); break;
            case ProtocolEventKind.ViewEntered: OnViewEntered(what, now); break;
            case ProtocolEventKind.StateDiverged: _diverged = what.Digest.ToString(); break;
            case ProtocolEventKind.TransferStarted: OnTransferStarted(what, now); break;
            case ProtocolEventKind.DonorDropped: _transfer?.Add("donor-dropped", now, (PbftTelemetry.Peer, what.About.Index)); break;
            case ProtocolEventKind.TransferCompleted: OnTransferEnded("Completed", what, now); break;
            case ProtocolEventKind.TransferOvertaken: OnTransferEnded("Overtaken", what, now); break;
            case ProtocolEventKind.LearnerJoined: _learning = Begin(SpanNames.Recovery, now, cause: nameof(LifeStage.Learner)); break;
            case ProtocolEventKind.LearnerBounded: _learning?.Add("bounded", now, (PbftTelemetry.Sequence, what.Sequence.Value), (PbftTelemetry.View, what.View.Number)); break;
            case ProtocolEventKind.TookPart: OnTookPart(what, now); break;
        }
    }

    private void OnStable(in ProtocolEvent what, Instant now)
    {
        ref var taken = ref _taken[what.Sequence.Value / checkpointInterval % CheckpointsMax];
        if (taken.Sequence != what.Sequence.Value || taken.Sequence == 0) return; // stable before it was taken here, or fetched
        var began = taken.At;
        taken = default;
        instruments.OnCheckpoint(replica.Index, now.Since(began));
        if (!PbftTelemetry.Source.HasListeners()) return;
        var trace = TraceIds.Of(cluster, SpanNames.Checkpoint, what.Sequence.Value);
        if (!TraceSampling.IsChosen(trace)) return;
        new Episode(SpanNames.Checkpoint, began, []).Write(
            TraceSampling.RootOf(trace), replica.Index, now, (PbftTelemetry.Sequence, what.Sequence.Value), (PbftTelemetry.Digest, what.Digest.ToString()));
    }

    private void OnSuspected(in ProtocolEvent what, Instant now)
    {
        var cause = (SuspicionCause)what.Amount;
        _suspicion = (what.View, cause, now);
        instruments.OnSuspected(replica.Index, cause.ToString());
    }

    private void OnViewLeft(in ProtocolEvent what, Instant now)
    {
        if (_viewChange is { } before)
        {
            before.Error = "NoNewView"; // given up for the next
            WriteViewChange(before, before.Target, now);
        }

        var own = _suspicion is { } suspicion && suspicion.View.Number < what.View.Number ? suspicion : default;
        _suspicion = null;
        var cause = own.Cause == SuspicionCause.None ? Joined : own.Cause.ToString();
        _viewChange = Begin(SpanNames.ViewChange, now, cause, what.View.Number);
        if (own.Cause != SuspicionCause.None) _viewChange.Add("suspected", own.At, (PbftTelemetry.View, own.View.Number));
        instruments.OnViewChange(replica.Index, cause);
    }

    private void OnViewEntered(in ProtocolEvent what, Instant now)
    {
        _suspicion = null;
        var change = _viewChange;
        _viewChange = null;
        if (change is null)
        {
            change = Begin(SpanNames.ViewChange, now, Shown, what.View.Number);
            instruments.OnViewChange(replica.Index, Shown);
        }

        instruments.OnViewEntered(replica.Index, now.Since(change.Began));
        WriteViewChange(change, what.View.Number, now, ("pbft.primary", what.About.Index), ("pbft.checkpoint", what.Sequence.Value), ("pbft.carried_over", what.Amount));
    }

    private void WriteViewChange(Episode change, long view, Instant now, params ReadOnlySpan<(string Name, object? Value)> tags)
    {
        if (!PbftTelemetry.Source.HasListeners()) return;
        (string, object?)[] all = [(PbftTelemetry.View, view), .. tags];
        change.Write(TraceSampling.RootOf(TraceIds.Of(cluster, SpanNames.ViewChange, view)), replica.Index, now, all);
    }

    private void OnTransferStarted(in ProtocolEvent what, Instant now)
    {
        if (_transfer is not null)
        {
            _transfer.Add("target-moved", now, (PbftTelemetry.Sequence, what.Sequence.Value)); // its donors have dropped what was asked for
            return;
        }

        _transfer = Begin(SpanNames.StateTransfer, now, cause: _diverged is null ? "Behind" : "Diverged");
        if (_diverged is not null) _transfer.Error = "StateDiverged";
        _diverged = null;
    }

    private void OnTransferEnded(string outcome, in ProtocolEvent what, Instant now)
    {
        if (_transfer is not { } transfer) return;
        _transfer = null;
        instruments.OnTransfer(replica.Index, outcome, now.Since(transfer.Began), what.Amount);
        transfer.Write(
            TraceSampling.Always(), replica.Index, now, (PbftTelemetry.View, what.View.Number), (PbftTelemetry.Sequence, what.Sequence.Value),
            (PbftTelemetry.Outcome, outcome), ("pbft.bytes", what.Amount));
    }

    private void OnTookPart(in ProtocolEvent what, Instant now)
    {
        _learning?.Write(TraceSampling.Always(), replica.Index, now, (PbftTelemetry.Sequence, what.Sequence.Value), (PbftTelemetry.View, what.View.Number));
        _learning = null;
    }

    private Episode Begin(string name, Instant now, string? cause = null, long target = 0)
    {
        var links = new List<ActivityLink>();
        if (PbftTelemetry.Source.HasListeners()) addLinks(links);
        return new(name, now, links) { Cause = cause, Target = target };
    }
}
