using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>Real time (linearizability): what was accepted before another request was submitted comes before it in the order.</summary>
internal sealed class RealTimeChecker
{
    private readonly Dictionary<RequestId, SequenceNumber> _submittedAfter = [];
    private SequenceNumber _lastAccepted;

    public void Submitted(RequestId request) => _submittedAfter.Add(request, _lastAccepted);

    public void Accepted(RequestId request, SequenceNumber sequence)
    {
        if (sequence <= _submittedAfter[request])
        {
            throw new SimulationFailedException(
                $"Real time: {request} was executed at {sequence}, yet a result of {_submittedAfter[request]} was accepted before it was submitted.");
        }

        if (sequence > _lastAccepted) _lastAccepted = sequence;
    }
}
