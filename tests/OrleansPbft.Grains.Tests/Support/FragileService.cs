using System.Buffers;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Tests.Support;

/// <summary>A service that, once it is told, breaks the machine of the replica that applies the next operation first: not by an error of the
/// operation, which every replica answers alike, but by an exhausted stack, which is that replica's own trouble.</summary>
internal sealed class FragileService : IStateMachine
{
    private static int _breaking;

    public string Name => "fragile/1";

    public Digest Root => Digest.Zero;

    public static void BreakNext() => Interlocked.Exchange(ref _breaking, 1);

    public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result)
    {
        if (Interlocked.Exchange(ref _breaking, 0) == 1) throw new InsufficientExecutionStackException();
    }

    public void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result)
    {
    }
}
