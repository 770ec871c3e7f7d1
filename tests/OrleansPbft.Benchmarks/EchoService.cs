using System.Buffers;
using OrleansPbft.Core;

namespace OrleansPbft.Benchmarks;

/// <summary>The cheapest service there is, so that what is measured is the protocol: counts operations, answers with eight bytes.</summary>
internal sealed class EchoService : IStateMachine
{
    private readonly StateTree _tree = new();
    private long _count;

    public string Name => "Echo/1";

    public StateTree State
    {
        get
        {
            _tree.SetHeader(BitConverter.GetBytes(_count));
            return _tree;
        }
    }

    public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result)
    {
        BitConverter.TryWriteBytes(result.GetSpan(sizeof(long)), ++_count);
        result.Advance(sizeof(long));
    }

    public bool Restore(StateTree state)
    {
        if (state.Header.Length != sizeof(long)) return false;
        _count = BitConverter.ToInt64(state.Header);
        return true;
    }

    public void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result) => throw new OperationRejectedException("Echo answers no queries.");
}
