using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>The key of one direction of a session, with what MACs are made and checked with. Thread-safe.</summary>
/// <remarks>What was prepared from the key is kept for the next MAC: preparing it costs more than an envelope does.</remarks>
internal sealed class SessionMacKey : IDisposable
{
    private readonly Memory<byte> _key;
    private readonly KeySlots<IncrementalHash> _prepared;
    private volatile bool _isZeroed;

    /// <summary>Takes a key.</summary>
    /// <param name="key">32 bytes that stay where they are; zeroed with this.</param>
    public SessionMacKey(Memory<byte> key)
    {
        _key = key;
        _prepared = new(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key.Span), kept: 1); // there are as many as parties
    }

    /// <summary>The key itself; all zero once it was dropped.</summary>
    public ReadOnlySpan<byte> Bytes => _key.Span;

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
        var hmac = _prepared.Take();
        Interlocked.MemoryBarrier();
        if (_isZeroed)
        {
            hmac.Dispose(); // perhaps of zeroes, which everybody knows
            return false;
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
        _prepared.Return(hmac);
        CryptographyMetrics.OnMac(began);
        return true;
    }

    /// <summary>It is used no more, and gone.</summary>
    public void Dispose()
    {
        _isZeroed = true;
        Interlocked.MemoryBarrier();
        CryptographicOperations.ZeroMemory(_key.Span);
        _prepared.Dispose();
    }
}
