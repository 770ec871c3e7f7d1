using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace OrleansPbft.Core;

/// <summary>The canonical encoding of a batch: what its digest covers (docs/wire-format.md).</summary>
/// <remarks>timestamp (i64, 0 or more) ‖ count (u32) ‖ count × (length (u32) ‖ the request's signed envelope), little-endian.</remarks>
public static class BatchEncoding
{
    /// <summary>Bytes before the first request.</summary>
    public const int HeaderBytes = sizeof(long) + sizeof(uint);

    /// <summary>Bytes a request takes beside its envelope.</summary>
    public const int RequestHeaderBytes = sizeof(uint);

    private static ReadOnlySpan<byte> Domain => "OrleansPbft/1 batch\0"u8;

    /// <summary>The batch of no requests, with the digest of its encoding; it executes as nothing (rule N-5).</summary>
    public static Batch Null { get; } = Encode(new Instant(0), []);

    /// <summary>Encodes and digests a batch.</summary>
    public static Batch Encode(Instant timestamp, ImmutableArray<Request> requests)
    {
        var length = HeaderBytes;
        foreach (var request in requests) length += RequestHeaderBytes + request.Envelope.Length;

        var encoding = new byte[length];
        var rest = encoding.AsSpan();
        BinaryPrimitives.WriteInt64LittleEndian(rest, timestamp.Microseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[sizeof(long)..], (uint)requests.Length);
        rest = rest[HeaderBytes..];
        foreach (var request in requests)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)request.Envelope.Length);
            request.Envelope.Span.CopyTo(rest[RequestHeaderBytes..]);
            rest = rest[(RequestHeaderBytes + request.Envelope.Length)..];
        }

        return new(timestamp, requests, encoding, DigestOf(encoding));
    }

    /// <summary>Cuts the encoding of a batch into its timestamp and its requests' envelopes, each a slice; the envelopes are not looked into.</summary>
    public static RejectReason TryRead(
        ReadOnlyMemory<byte> encoding, WireLimits limits, out Instant timestamp, out ImmutableArray<ReadOnlyMemory<byte>> envelopes)
    {
        timestamp = default;
        envelopes = [];
        var reader = new WireReader(encoding);
        if (!reader.TryReadInt64(out var microseconds) || !reader.TryReadLength(out var count)) return RejectReason.Malformed;
        if (microseconds is < 0 or > WireLimits.TimestampMax) return RejectReason.Malformed;
        if (count > (uint)limits.BatchRequestsMax) return RejectReason.TooLarge;
        if (count > (uint)(reader.Remaining / RequestHeaderBytes)) return RejectReason.Malformed; // before room is made for them

        var requestBytes = reader.Remaining - ((int)count * RequestHeaderBytes);
        if (requestBytes > limits.BatchRequestBytesMax) return RejectReason.TooLarge;

        var read = new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < read.Length; i++)
        {
            if (!reader.TryReadLength(out var length) || !reader.TryReadBytes(length, out read[i])) return RejectReason.Malformed;
        }

        if (reader.Remaining > 0) return RejectReason.Malformed;
        timestamp = new(microseconds);
        envelopes = ImmutableCollectionsMarshal.AsImmutableArray(read);
        return RejectReason.None;
    }

    /// <summary>d of the canonical bytes of a batch.</summary>
    public static Digest DigestOf(ReadOnlySpan<byte> encoding)
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        hash.AppendData(Domain);
        hash.AppendData(encoding);
        Span<byte> bytes = stackalloc byte[Digest.Bytes];
        hash.GetHashAndReset(bytes);
        return new(bytes);
    }
}
