using System.Buffers;
using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>The MAC of one envelope for one receiver, under a tag of its own (rule A-1, docs/wire-format.md).</summary>
internal static class SessionMac
{
    private const int StackBytesMax = 1024;

    private static ReadOnlySpan<byte> Tag => "OrleansPbft/1 mac\0"u8;

    /// <summary>Computes the MAC of an envelope's signed part, which names cluster, kind and sender.</summary>
    /// <param name="key">32 bytes, of this direction.</param>
    /// <param name="receiver">Whom it is for.</param>
    /// <param name="senderEpoch">Which session key of the sender's.</param>
    /// <param name="receiverEpoch">Which of the receiver's.</param>
    /// <param name="signed">The signed part.</param>
    /// <param name="mac">16 bytes.</param>
    public static void Compute(ReadOnlySpan<byte> key, in SessionParty receiver, long senderEpoch, long receiverEpoch, ReadOnlySpan<byte> signed, Span<byte> mac)
    {
        var began = CryptographyMetrics.BeginMac();
        var length = Tag.Length + SessionParty.Bytes + (2 * sizeof(long)) + signed.Length;
        var rented = length > StackBytesMax ? ArrayPool<byte>.Shared.Rent(length) : null;
        var input = (rented ?? stackalloc byte[StackBytesMax])[..length];
        var writer = new WireWriter(input);
        writer.WriteBytes(Tag);
        receiver.Write(ref writer);
        writer.WriteInt64(senderEpoch);
        writer.WriteInt64(receiverEpoch);
        writer.WriteBytes(signed);
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, input, full);
        full[..EnvelopeEncoding.MacBytes].CopyTo(mac);
        CryptographyMetrics.OnMac(began);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }
}
