using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>Correct replicas are never accused, and never find their own state wrong (rules N-6, K-3).</summary>
internal sealed class AccusationChecker(Func<ReplicaId, bool> isHonest, SimulationReport report)
{
    public void Accused(ReplicaId by, Evidence evidence)
    {
        if (isHonest(evidence.Accused)) throw new SimulationFailedException($"Accusation: {by} accused an honest replica: {evidence}.");
        report.Count(Mark.EvidenceFound);
    }

    public void Diverged(ReplicaId replica, SequenceNumber sequence)
    {
        if (isHonest(replica)) throw new SimulationFailedException($"Accusation: the honest {replica} found its state diverged at {sequence}.");
    }
}
