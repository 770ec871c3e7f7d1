using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>The canonical encoding of a bundle's results: count (u32) ‖ count × (status (u8) ‖ length (u32) ‖ bytes), little-endian.</summary>
public static class OperationResults
{
    internal const int HeaderBytes = sizeof(uint);
    internal const int ResultHeaderBytes = sizeof(byte) + sizeof(uint);

    /// <summary>The fewest bytes that hold the results of <paramref name="operations"/> operations, none of which has any data.</summary>
    public static int BytesMin(int operations) => HeaderBytes + (operations * ResultHeaderBytes);

    /// <summary>Reads results; false when the bytes are not canonical.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> encoding, out ImmutableArray<OperationResult> results)
    {
        results = [];
        var span = encoding.Span;
        if (span.Length < HeaderBytes) return false;

        var count = BinaryPrimitives.ReadUInt32LittleEndian(span);
        if (count > (uint)(span.Length - HeaderBytes) / ResultHeaderBytes) return false;

        var read = ImmutableArray.CreateBuilder<OperationResult>((int)count);
        var at = HeaderBytes;
        for (var i = 0; i < count; i++)
        {
            if (span.Length - at < ResultHeaderBytes) return false;
            var status = (OperationStatus)span[at];
            var length = BinaryPrimitives.ReadUInt32LittleEndian(span[(at + 1)..]);
            at += ResultHeaderBytes;
            if (status > OperationStatus.ResultTooLarge || length > (uint)(span.Length - at)) return false;
            read.Add(new(status, encoding.Slice(at, (int)length)));
            at += (int)length;
        }

        if (at != span.Length) return false;
        results = read.MoveToImmutable();
        return true;
    }
}

/// <summary>Builds the results of one request in one reused buffer, within a limit.</summary>
internal sealed class OperationResultsBuilder : IBufferWriter<byte>
{
    private byte[] _buffer = new byte[1024];
    private int _length;
    private int _resultStart;
    private int _limit;

    /// <summary>Starts the results of <paramref name="operations"/> operations that may take <paramref name="bytesMax"/> bytes in all.</summary>
    public void Start(int operations, int bytesMax)
    {
        // Room for the headers of the results still to come is kept free, so that each can at least say it failed.
        _limit = bytesMax - ((operations - 1) * OperationResults.ResultHeaderBytes);
        _length = 0;
        Reserve(OperationResults.HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer, (uint)operations);
        _length = OperationResults.HeaderBytes;
    }

    /// <summary>Starts one operation's result.</summary>
    public void StartResult()
    {
        Reserve(OperationResults.ResultHeaderBytes);
        _resultStart = _length;
        _length += OperationResults.ResultHeaderBytes;
    }

    /// <summary>Ends the result with what was written since its start.</summary>
    public void EndResult(OperationStatus status)
    {
        _buffer[_resultStart] = (byte)status;
        BinaryPrimitives.WriteUInt32LittleEndian(
            _buffer.AsSpan(_resultStart + 1), (uint)(_length - _resultStart - OperationResults.ResultHeaderBytes));
        _limit += OperationResults.ResultHeaderBytes;
    }

    /// <summary>Ends the result with <paramref name="reason"/> instead of what was written, as far as it fits.</summary>
    public void EndResult(OperationStatus status, ReadOnlySpan<byte> reason)
    {
        _length = _resultStart + OperationResults.ResultHeaderBytes;
        if (reason.Length > _limit - _length) reason = default;
        Reserve(reason.Length);
        reason.CopyTo(_buffer.AsSpan(_length));
        _length += reason.Length;
        EndResult(status);
    }

    /// <summary>The results, as an array of their own.</summary>
    public byte[] ToArray() => _buffer.AsSpan(0, _length).ToArray();

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _length);
        if (_length + count > _limit) throw new ResultTooLargeException();
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private void Reserve(int bytes)
    {
        if (bytes <= _buffer.Length - _length) return;
        if (bytes > _limit + OperationResults.ResultHeaderBytes + 4096 - _length) throw new ResultTooLargeException();
        Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
    }
}

/// <summary>A service wrote more than a result may hold. Never leaves the core.</summary>
internal sealed class ResultTooLargeException() : Exception("The result is larger than a result may be.");
