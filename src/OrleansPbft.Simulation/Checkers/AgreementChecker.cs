using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>Agreement (PBFT 3, 4.2): no two honest replicas execute different batches at one sequence number, and each executes without a gap.</summary>
internal sealed class AgreementChecker(SimulationReport report)
{
    private readonly List<Batch> _agreed = []; // at index n - 1
    private readonly Dictionary<ReplicaId, SequenceNumber> _executed = [];

    /// <summary>What was executed, in order, by the replica that was first with each.</summary>
    public IReadOnlyList<Batch> History => _agreed;

    /// <summary>The replica fetched the state after <paramref name="sequence"/>, which others have executed, instead of executing its way there.</summary>
    public void Restored(ReplicaId replica, SequenceNumber sequence)
    {
        if (sequence.Value > _agreed.Count) throw new SimulationFailedException($"Agreement: {replica} has the state at {sequence}, which nobody has executed.");
        _executed[replica] = sequence;
    }

    /// <summary>The replica crashed and starts again behind <paramref name="sequence"/>; what it executes again is compared again.</summary>
    public void Restarted(ReplicaId replica, SequenceNumber sequence)
    {
        if (sequence > _executed.GetValueOrDefault(replica))
        {
            throw new SimulationFailedException($"Agreement: {replica} starts again at {sequence}, beyond the {_executed.GetValueOrDefault(replica)} that it had reached.");
        }

        _executed[replica] = sequence;
    }

    public void Executed(ReplicaId replica, SequenceNumber sequence, Batch batch)
    {
        var before = _executed.GetValueOrDefault(replica);
        if (sequence != before.Next) throw new SimulationFailedException($"Agreement: {replica} executed {sequence} after {before}.");
        _executed[replica] = sequence;

        if (sequence.Value > _agreed.Count)
        {
            _agreed.Add(batch);
            return;
        }

        report.Count(Mark.ExecutionsCompared);
        var agreed = _agreed[(int)sequence.Value - 1];
        if (batch.Digest != agreed.Digest || !batch.Encoding.Span.SequenceEqual(agreed.Encoding.Span))
        {
            throw new SimulationFailedException($"Agreement: {replica} executed d:{batch.Digest} at {sequence}, another executed d:{agreed.Digest}.");
        }
    }
}
