using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>The ids of traces that all replicas begin by themselves: they know the same id, and nobody need tell it.</summary>
internal static class TraceIds
{
    /// <summary>The trace of something that a cluster does once for each number: a change to a view, a checkpoint.</summary>
    public static ActivityTraceId Of(ClusterId cluster, string what, long number)
    {
        Span<byte> input = stackalloc byte[128];
        var length = Encoding.ASCII.GetBytes($"OrleansPbft/1 trace {what}\0", input);
        BinaryPrimitives.WriteUInt128BigEndian(input[length..], cluster.Value);
        BinaryPrimitives.WriteInt64LittleEndian(input[(length + ClusterId.Bytes)..], number);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input[..(length + ClusterId.Bytes + sizeof(long))], hash);
        return ActivityTraceId.CreateFromBytes(hash[..16]);
    }
}
