using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>The key of one direction of a session, with what MACs are made and checked with. Thread-safe.</summary>
/// <remarks>What was prepared from the key is kept for the next MAC: preparing it costs more than an envelope does.</remarks>
/// <param name="key">32 bytes that stay where they are; zeroed with this.</param>
internal sealed class SessionMacKey(Memory<byte> key)
{
    private IncrementalHash? _idle; // one; who finds none makes one more
    private volatile bool _isZeroed;

    /// <summary>The key itself; all zero once it was dropped.</summary>
    public ReadOnlySpan<byte> Bytes => key.Span;

    private static ReadOnlySpan<byte> Tag => "OrleansPbft/1 mac\0"u8;

    /// <summary>Computes the MAC of an envelope's signed part, which names cluster, kind and sender, under a tag of its own (rule A-1, docs/wire-format.md).</summary>
    /// <param name="receiver">Whom it is for.</param>
    /// <param name="senderEpoch">Which session key of the sender's.</param>
    /// <param name="receiverEpoch">Which of the receiver's.</param>
    /// <param name="signed">The signed part.</param>
    /// <param name="mac">16 bytes.</param>
    /// <returns>False when the key was dropped meanwhile, and nothing is written.</returns>
    public bool TryCompute(in SessionParty receiver, long senderEpoch, long receiverEpoch, ReadOnlySpan<byte> signed, Span<byte> mac)
    {
        var began = CryptographyMetrics.BeginMac();
        var hmac = Interlocked.Exchange(ref _idle, null);
        if (hmac is null)
        {
            hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Span);
            Interlocked.MemoryBarrier();
            if (_isZeroed)
            {
                hmac.Dispose(); // perhaps of zeroes, which everybody knows
                return false;
            }
        }

        Span<byte> context = stackalloc byte[Tag.Length + SessionParty.Bytes + (2 * sizeof(long))];
        var writer = new WireWriter(context);
        writer.WriteBytes(Tag);
        receiver.Write(ref writer);
        writer.WriteInt64(senderEpoch);
        writer.WriteInt64(receiverEpoch);
        hmac.AppendData(context);
        hmac.AppendData(signed);
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        hmac.GetHashAndReset(full);
        full[..EnvelopeEncoding.MacBytes].CopyTo(mac);
        Return(hmac);
        CryptographyMetrics.OnMac(began);
        return true;
    }

    /// <summary>It is used no more, and gone.</summary>
    public void Zero()
    {
        _isZeroed = true;
        Interlocked.MemoryBarrier();
        CryptographicOperations.ZeroMemory(key.Span);
        Interlocked.Exchange(ref _idle, null)?.Dispose();
    }

    private void Return(IncrementalHash hmac)
    {
        Interlocked.Exchange(ref _idle, hmac)?.Dispose();
        if (_isZeroed) Interlocked.Exchange(ref _idle, null)?.Dispose(); // dropped while this one was out
    }
}
