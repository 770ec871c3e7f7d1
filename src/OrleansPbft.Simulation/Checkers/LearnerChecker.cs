using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>A replica that lost its journal says nothing that others count on before it takes part, and takes part only beyond all that ever left it (rule D-5).</summary>
internal sealed class LearnerChecker(SimulationReport report)
{
    private readonly HashSet<ReplicaId> _learning = [];
    private readonly Dictionary<ReplicaId, SequenceNumber> _said = [];

    /// <summary>It began without its journal.</summary>
    public void Joined(ReplicaId replica) => _learning.Add(replica);

    /// <summary>It takes part, beyond <paramref name="sequence"/>.</summary>
    public void TookPart(ReplicaId replica, LifeStage stage, SequenceNumber sequence)
    {
        _learning.Remove(replica);
        var isNew = stage == LifeStage.Original;
        if (_said.TryGetValue(replica, out var said) && (isNew || sequence < said))
        {
            throw new SimulationFailedException($"Learner: {replica} takes part{(isNew ? " as if it were new" : $" beyond {sequence}")}, and spoke at {said}.");
        }

        report.Count(isNew ? Mark.LearnersNew : Mark.LearnersReturned);
    }

    /// <summary>It wants to tell a client something.</summary>
    public void Answers(ReplicaId replica)
    {
        if (_learning.Contains(replica)) throw new SimulationFailedException($"Learner: {replica} does not take part, and answers a client.");
    }

    /// <summary>It wants to say something to its peers.</summary>
    public void Says(ReplicaId replica, in Input message)
    {
        if (!_learning.Contains(replica) || message.Kind is InputKind.Status or InputKind.FetchBatch or InputKind.FetchChunks) return;
        if (message.Kind == InputKind.Chunks && message.Chunks.Items.IsEmpty) return; // it has none for others
        throw new SimulationFailedException($"Learner: {replica} does not take part, and says {message}.");
    }

    /// <summary>A message of its own left it.</summary>
    public void Sent(ReplicaId replica, in Input message)
    {
        SequenceNumber? said = message.Kind switch
        {
            InputKind.Vote => message.Vote.Sequence,
            InputKind.PrePrepare when message.PrePrepare.Sender == replica => message.PrePrepare.Sequence,
            _ => null,
        };
        if (said > _said.GetValueOrDefault(replica)) _said[replica] = said.Value;
    }
}
