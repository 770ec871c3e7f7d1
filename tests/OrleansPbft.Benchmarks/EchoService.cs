using System.Buffers;
using OrleansPbft.Core;

namespace OrleansPbft.Benchmarks;

/// <summary>The cheapest service there is, so that what is measured is the protocol: counts operations, answers with eight bytes.</summary>
internal sealed class EchoService : IStateMachine
{
    private long _count;

    public string Name => "Echo/1";

    public Digest Root => Digest.Of(BitConverter.GetBytes(_count));

    public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result)
    {
        BitConverter.TryWriteBytes(result.GetSpan(sizeof(long)), ++_count);
        result.Advance(sizeof(long));
    }

    public void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result) => throw new OperationRejectedException("Echo answers no queries.");
}
