using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>No honest replica ever says two things where it may say one (rule D-3), across crashes too: what counts is what left it, not what it meant to say.</summary>
internal sealed class DoubleVoteChecker(SimulationReport report)
{
    private readonly Dictionary<(ReplicaId Replica, MessageKind Kind, View View, SequenceNumber Sequence), Digest> _votes = [];
    private readonly Dictionary<(ReplicaId Replica, View View), ViewChange> _viewChanges = [];
    private readonly Dictionary<(ReplicaId Replica, View View), ViewChangeDecision> _newViews = [];
    private readonly HashSet<ReplicaId> _restarted = [];

    /// <summary>From here on the replica is one that crashed.</summary>
    public void Restarted(ReplicaId replica) => _restarted.Add(replica);

    /// <summary>An honest replica hands a message of its own to the network.</summary>
    public void Sent(ReplicaId replica, in Input message)
    {
        switch (message.Kind)
        {
            case InputKind.Vote:
                Say(replica, (MessageKind)message.Vote.Phase, message.Vote.View, message.Vote.Sequence, message.Vote.Digest);
                break;
            case InputKind.PrePrepare when message.PrePrepare.Sender == replica:
                Say(replica, MessageKind.PrePrepare, message.PrePrepare.View, message.PrePrepare.Sequence, message.PrePrepare.Digest);
                break;
            case InputKind.Checkpoint:
                Say(replica, MessageKind.Checkpoint, default, message.Checkpoint.Sequence, message.Checkpoint.Digest);
                break;
            case InputKind.ViewChange when message.ViewChange.Sender == replica:
                if (_viewChanges.TryAdd((replica, message.ViewChange.View), message.ViewChange)) break;
                Again(replica, _viewChanges[(replica, message.ViewChange.View)].SaysTheSame(message.ViewChange), $"VIEW-CHANGE {message.ViewChange.View}");
                break;
            case InputKind.NewView when message.NewView.Sender == replica:
                if (_newViews.TryAdd((replica, message.NewView.View), message.NewView.Decision)) break;
                Again(replica, _newViews[(replica, message.NewView.View)].Equals(message.NewView.Decision), $"NEW-VIEW {message.NewView.View}");
                break;
        }
    }

    private void Say(ReplicaId replica, MessageKind kind, View view, SequenceNumber sequence, Digest digest)
    {
        if (_votes.TryAdd((replica, kind, view, sequence), digest)) return;
        Again(replica, _votes[(replica, kind, view, sequence)] == digest, $"{kind} {view} {sequence}");
    }

    private void Again(ReplicaId replica, bool isSame, string what)
    {
        if (!isSame) throw new SimulationFailedException($"Double vote: {replica} said {what} twice, differently.");
        if (_restarted.Contains(replica)) report.Count(Mark.SaidAgainAfterRestart);
    }
}
