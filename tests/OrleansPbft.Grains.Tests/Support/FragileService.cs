using System.Buffers;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Tests.Support;

/// <summary>A service that, where it is told to, breaks the machine that applies the operation <see cref="Breaking"/>: not by an error of the
/// operation, which every replica answers alike, but by an exhausted stack, which is that replica's own trouble.</summary>
internal sealed class FragileService(bool breaks) : IStateMachine
{
    public const byte Breaking = 13;

    public string Name => "fragile/1";

    public StateTree State { get; } = new();

    public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result)
    {
        if (breaks && operation[0] == Breaking) throw new InsufficientExecutionStackException();
    }

    public bool Restore(StateTree state) => true;

    public void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result)
    {
    }
}
