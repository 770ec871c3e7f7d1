using System.Buffers;
using System.Buffers.Binary;
using OrleansPbft.Core;

namespace OrleansPbft.Services;

/// <summary>The smallest useful service: one number. Each operation adds to it and answers the sum.</summary>
/// <remarks>Operation: the amount to add, 8 bytes, little-endian; 0 only reads. Result: the number, 8 bytes, little-endian.</remarks>
public sealed class Counter : IStateMachine
{
    private readonly StateTree _state = new(); // no entries: a header is enough for one number
    private long _value;

    /// <inheritdoc/>
    public string Name => "Counter/1";

    /// <inheritdoc/>
    public StateTree State
    {
        get
        {
            Span<byte> header = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(header, _value);
            _state.SetHeader(header);
            return _state;
        }
    }

    /// <summary>The operation that adds <paramref name="amount"/>.</summary>
    public static byte[] Add(long amount)
    {
        var operation = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(operation, amount);
        return operation;
    }

    /// <summary>Reads a result; false when the bytes are none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> result, out long value)
    {
        value = result.Length == sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(result) : 0;
        return result.Length == sizeof(long);
    }

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var sum = (Int128)_value + Amount(operation);
        if (sum > long.MaxValue || sum < long.MinValue) throw new OperationRejectedException("The sum does not fit into 64 bits.");
        Write(result, (long)sum);
        _value = (long)sum; // last: writing the result may throw
    }

    /// <inheritdoc/>
    public void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (Amount(operation) != 0) throw new OperationRejectedException("Only adding 0 is read-only.");
        Write(result, _value);
    }

    /// <inheritdoc/>
    public bool Restore(StateTree state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Count > 0 || !TryRead(state.Header, out var value)) return false;
        _value = value;
        return true;
    }

    private static long Amount(ReadOnlySpan<byte> operation) => operation.Length == sizeof(long)
        ? BinaryPrimitives.ReadInt64LittleEndian(operation)
        : throw new OperationRejectedException($"An amount has 8 bytes, not {operation.Length}.");

    private static void Write(IBufferWriter<byte> result, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(result.GetSpan(sizeof(long)), value);
        result.Advance(sizeof(long));
    }
}
