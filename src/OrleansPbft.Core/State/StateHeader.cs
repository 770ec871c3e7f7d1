using System.Buffers.Binary;
using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>What the state's digest covers beside configuration and sequence number: the agreed time, and header and root of both trees.</summary>
/// <remarks>Encoded: time (i64) ‖ service ‖ sessions; each root (32 bytes) ‖ length (u16) ‖ header. The first chunk of every transfer.</remarks>
internal readonly record struct StateHeader(Instant Timestamp, StateHeader.Tree Service, StateHeader.Tree Sessions)
{
    private const int TreeBytesMin = Digest.Bytes + sizeof(ushort);

    /// <summary>One tree's part.</summary>
    internal readonly record struct Tree(Digest Root, ImmutableArray<byte> Header)
    {
        public static Tree Of(StateTree tree) => new(tree.Map.Root, tree.HeaderBytes);
    }

    /// <summary>The root over a tree's entries and its header.</summary>
    public static Digest RootOf(in Digest entries, ReadOnlySpan<byte> header)
    {
        Span<byte> bytes = stackalloc byte[Digest.Bytes + StateTree.HeaderBytesMax];
        entries.CopyTo(bytes);
        header.CopyTo(bytes[Digest.Bytes..]);
        return Digest.Of(bytes[..(Digest.Bytes + header.Length)]);
    }

    /// <summary>The digest of the state: what a CHECKPOINT carries (rule K-1).</summary>
    public Digest ComputeDigest(in Digest configuration, SequenceNumber sequence)
    {
        Span<byte> parts = stackalloc byte[(3 * Digest.Bytes) + (2 * sizeof(long))];
        configuration.CopyTo(parts);
        RootOf(Service.Root, Service.Header.AsSpan()).CopyTo(parts[Digest.Bytes..]);
        RootOf(Sessions.Root, Sessions.Header.AsSpan()).CopyTo(parts[(2 * Digest.Bytes)..]);
        BinaryPrimitives.WriteInt64LittleEndian(parts[(3 * Digest.Bytes)..], sequence.Value);
        BinaryPrimitives.WriteInt64LittleEndian(parts[((3 * Digest.Bytes) + sizeof(long))..], Timestamp.Microseconds);
        return Digest.Of(parts);
    }

    public byte[] Encode()
    {
        var bytes = new byte[sizeof(long) + (2 * TreeBytesMin) + Service.Header.Length + Sessions.Header.Length];
        var writer = new WireWriter(bytes);
        writer.WriteInt64(Timestamp.Microseconds);
        Write(ref writer, Service);
        Write(ref writer, Sessions);
        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> writes; false when the bytes are not canonical.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out StateHeader header)
    {
        header = default;
        var reader = new WireReader(bytes);
        if (!reader.TryReadInt64(out var timestamp) || timestamp < 0) return false;
        if (!TryRead(ref reader, out var service) || !TryRead(ref reader, out var sessions) || reader.Remaining != 0) return false;
        header = new(new(timestamp), service, sessions);
        return true;
    }

    private static void Write(ref WireWriter writer, in Tree tree)
    {
        writer.WriteDigest(tree.Root);
        writer.WriteUInt16((ushort)tree.Header.Length);
        writer.WriteBytes(tree.Header.AsSpan());
    }

    private static bool TryRead(ref WireReader reader, out Tree tree)
    {
        tree = default;
        if (!reader.TryReadDigest(out var root) || !reader.TryReadUInt16(out var length) || length > StateTree.HeaderBytesMax) return false;
        if (!reader.TryReadBytes(length, out var header)) return false;
        tree = new(root, [.. header.Span]);
        return true;
    }
}
