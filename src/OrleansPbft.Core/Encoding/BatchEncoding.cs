using System.Buffers.Binary;
using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>The canonical encoding of a batch: what its digest covers (docs/wire-format.md).</summary>
/// <remarks>timestamp (i64) ‖ count (u32) ‖ count × (length (u32) ‖ the request's signed envelope), little-endian.</remarks>
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
