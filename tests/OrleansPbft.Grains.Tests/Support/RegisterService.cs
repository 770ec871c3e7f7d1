using System.Buffers;
using System.Buffers.Binary;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Tests.Support;

/// <summary>A service that remembers every operation in order, as a chain of digests, and answers how many there were.</summary>
internal sealed class RegisterService : IStateMachine
{
    public const string ServiceName = "Register";

    private readonly StateTree _tree = new();
    private readonly byte[] _link = new byte[Digest.Bytes];
    private long _count;

    public string Name => "register/1";

    public StateTree State
    {
        get
        {
            _tree.SetHeader([.. _link, .. BitConverter.GetBytes(_count)]);
            return _tree;
        }
    }

    public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result)
    {
        var chained = new byte[Digest.Bytes + operation.Length];
        _link.CopyTo(chained, 0);
        operation.CopyTo(chained.AsSpan(Digest.Bytes));
        Digest.Of(chained).CopyTo(_link);
        _count++;
        Query(operation, result);
    }

    public bool Restore(StateTree state)
    {
        if (state.Header.Length != Digest.Bytes + sizeof(long)) return false;
        state.Header[..Digest.Bytes].CopyTo(_link);
        _count = BitConverter.ToInt64(state.Header[Digest.Bytes..]);
        return true;
    }

    public void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result)
    {
        BinaryPrimitives.WriteInt64LittleEndian(result.GetSpan(sizeof(long)), _count);
        result.Advance(sizeof(long));
    }
}
