using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>Equal histories make equal states (rules K-1, S-1): honest replicas have one digest at one sequence number, in CHECKPOINTs too.</summary>
internal sealed class StateDigestChecker(SimulationReport report)
{
    private readonly Dictionary<SequenceNumber, (Digest Digest, ReplicaId Of)> _digests = [];

    /// <summary>After executing <paramref name="sequence"/>, <paramref name="replica"/>'s state digests to <paramref name="digest"/>.</summary>
    public void Digested(ReplicaId replica, SequenceNumber sequence, Digest digest)
    {
        if (!_digests.TryGetValue(sequence, out var known))
        {
            _digests.Add(sequence, (digest, replica));
            return;
        }

        if (known.Of != replica) report.Count(Mark.DigestsCompared);
        if (known.Digest != digest)
        {
            throw new SimulationFailedException($"State: after {sequence} {replica} has d:{digest}, {known.Of} has d:{known.Digest}.");
        }
    }
}
