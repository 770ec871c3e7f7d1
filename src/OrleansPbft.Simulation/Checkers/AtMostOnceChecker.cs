using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>At most once (rule C-3): no replica applies an operation of one (client, session, number) a second time.</summary>
internal sealed class AtMostOnceChecker
{
    private readonly HashSet<(ReplicaId Replica, RequestId Request, int Index)> _applied = [];

    /// <summary>Whether the replica has applied any of the request.</summary>
    public bool WasApplied(ReplicaId replica, RequestId request) => _applied.Contains((replica, request, 0));

    public void Applied(ReplicaId replica, RequestId request, int index)
    {
        if (!_applied.Add((replica, request, index)))
        {
            throw new SimulationFailedException($"At most once: {replica} applied operation {index} of {request} twice.");
        }
    }
}
