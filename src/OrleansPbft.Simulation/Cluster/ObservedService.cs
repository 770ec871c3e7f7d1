using System.Buffers;
using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>A service that tells what it applies, and whose state can be made to rot.</summary>
internal sealed class ObservedService(IStateMachine service, ObservedService.Applied applied) : IStateMachine
{
    private Digest? _rot;

    public delegate void Applied(in OperationContext context, ReadOnlySpan<byte> operation);

    public string Name => service.Name;

    public Digest Root => _rot ?? service.Root;

    public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result)
    {
        applied(context, operation);
        service.Apply(operation, context, result);
    }

    public void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result) => service.Query(operation, result);

    /// <summary>From here on the state is not what the operations make of it.</summary>
    public void Rot() => _rot = Digest.Of("rotten"u8);
}
