using System.Collections.Immutable;
using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>Validity: what is executed is exactly what a client submitted, operation by operation, in the order the batch names.</summary>
internal sealed class ValidityChecker
{
    private readonly Dictionary<RequestId, ImmutableArray<ReadOnlyMemory<byte>>> _submitted = [];

    public void Submitted(Request request) => _submitted.Add(request.Id, request.Operations);

    /// <summary>A replica executed a batch that has this request in it.</summary>
    public void Ordered(ReplicaId replica, Request request)
    {
        if (!_submitted.ContainsKey(request.Id)) throw new SimulationFailedException($"Validity: {replica} executed {request.Id}, which nobody submitted.");
    }

    /// <summary>A replica's service applied this as operation <paramref name="index"/> of the request.</summary>
    public void Applied(ReplicaId replica, RequestId request, int index, ReadOnlySpan<byte> operation)
    {
        if (!_submitted.TryGetValue(request, out var operations) || index >= operations.Length || !operations[index].Span.SequenceEqual(operation))
        {
            throw new SimulationFailedException($"Validity: {replica} applied as operation {index} of {request} what its client did not submit.");
        }
    }
}
