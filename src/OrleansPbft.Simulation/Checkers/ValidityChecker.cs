using OrleansPbft.Core;
using OrleansPbft.Simulation.Cluster;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>Validity: what is executed is exactly what a client submitted, operation by operation, in the order the batch names.</summary>
/// <remarks>Byte for byte but for the seal: MACs and signatures can be damaged on the way, and the request is the same one.</remarks>
internal sealed class ValidityChecker
{
    // Faulty clients submit different ones under one number.
    private readonly Dictionary<RequestId, List<Request>> _submitted = [];

    public void Submitted(Request request)
    {
        if (!_submitted.TryGetValue(request.Id, out var requests)) _submitted.Add(request.Id, requests = []);
        requests.Add(request);
    }

    /// <summary>A replica executed a batch that has this request in it.</summary>
    public void Ordered(ReplicaId replica, Request request)
    {
        if (!_submitted.TryGetValue(request.Id, out var requests) || !requests.Exists(one => SealedPart.Of(one).SequenceEqual(SealedPart.Of(request))))
        {
            throw new SimulationFailedException($"Validity: {replica} executed {request.Id}, which nobody submitted.");
        }
    }

    /// <summary>A replica's service applied this as operation <paramref name="index"/> of the request.</summary>
    public static void Applied(ReplicaId replica, Request request, int index, ReadOnlySpan<byte> operation)
    {
        if (index >= request.Operations.Length || !request.Operations[index].Span.SequenceEqual(operation))
        {
            throw new SimulationFailedException($"Validity: {replica} applied as operation {index} of {request.Id} what its client did not submit.");
        }
    }
}
