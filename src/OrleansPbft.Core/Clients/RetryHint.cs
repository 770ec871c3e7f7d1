using System.Buffers.Binary;

namespace OrleansPbft.Core;

/// <summary>What a busy replica adds to its refusal: how long to wait, as microseconds in 8 bytes little-endian (rule C-6).</summary>
public static class RetryHint
{
    /// <summary>Encodes a hint.</summary>
    public static byte[] Encode(TimeSpan after)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, (long)after.TotalMicroseconds);
        return bytes;
    }

    /// <summary>Reads a hint; one that is missing or absurd (not above 0 and at most a minute) reads as <paramref name="otherwise"/>.</summary>
    public static TimeSpan Decode(ReadOnlySpan<byte> bytes, TimeSpan otherwise)
    {
        if (bytes.Length != sizeof(long)) return otherwise;
        var micros = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return micros is > 0 and <= 60_000_000 ? TimeSpan.FromMicroseconds(micros) : otherwise;
    }
}
