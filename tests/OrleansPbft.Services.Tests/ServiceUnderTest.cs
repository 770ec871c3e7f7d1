using System.Buffers;
using OrleansPbft.Core;

namespace OrleansPbft.Services.Tests;

/// <summary>Applies operations to a service as a replica would.</summary>
internal sealed class ServiceUnderTest(IStateMachine service)
{
    private int _position;

    public IStateMachine Service => service;

    public byte[] Apply(ReadOnlySpan<byte> operation)
    {
        var result = new ArrayBufferWriter<byte>();
        service.Apply(operation, new(new(1), new(1_000_000 + _position), new(1 + _position), _position, (ulong)_position), result);
        _position++;
        return result.WrittenSpan.ToArray();
    }

    public byte[] Query(ReadOnlySpan<byte> operation)
    {
        var result = new ArrayBufferWriter<byte>();
        service.Query(operation, result);
        return result.WrittenSpan.ToArray();
    }

    public KeyValueResult KeyValue(ReadOnlySpan<byte> operation)
    {
        Assert.True(KeyValueResult.TryRead(Apply(operation), out var result));
        return result;
    }

    /// <summary>The result, or the rejection's message.</summary>
    public string ApplyOrReject(ReadOnlySpan<byte> operation)
    {
        try
        {
            return Convert.ToHexString(Apply(operation));
        }
        catch (OperationRejectedException rejection)
        {
            return rejection.Message;
        }
    }
}
