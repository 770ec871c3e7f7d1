using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>At most once (rule C-3): no replica applies an operation of one (client, session, number) a second time.</summary>
internal sealed class AtMostOnceChecker
{
    private readonly Dictionary<(ReplicaId Replica, RequestId Request, int Index), SequenceNumber> _applied = [];

    /// <summary>Whether the replica has applied any of the request.</summary>
    public bool WasApplied(ReplicaId replica, RequestId request) => _applied.ContainsKey((replica, request, 0));

    /// <summary>The replica lost what it did after <paramref name="sequence"/>: doing it again is doing it once.</summary>
    public void Restarted(ReplicaId replica, SequenceNumber sequence)
    {
        foreach (var lost in _applied.Where(one => one.Key.Replica == replica && one.Value > sequence).Select(static one => one.Key).ToList()) _applied.Remove(lost);
    }

    /// <summary>The replica applied an operation of the batch at <paramref name="sequence"/>.</summary>
    public void Applied(ReplicaId replica, RequestId request, int index, SequenceNumber sequence)
    {
        if (!_applied.TryAdd((replica, request, index), sequence))
        {
            throw new SimulationFailedException($"At most once: {replica} applied operation {index} of {request} twice.");
        }
    }
}
