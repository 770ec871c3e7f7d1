using System.Buffers;
using System.Buffers.Binary;

namespace OrleansPbft.Core;

/// <summary>A session as it was when its digest was taken, with the results it keeps: its leaf in the state's tree.</summary>
/// <remarks>
/// Key: the session's number (i64, big-endian). The value's digest is over the results' digests instead of the results, so that a session
/// that executed one more request is digested again without the results of the others.
/// </remarks>
internal sealed class SessionImage : StateLeaf
{
    private const int HeaderBytes = ClientId.Bytes + (5 * sizeof(long)) + sizeof(uint);
    private const int KeptBytesMin = (2 * sizeof(long)) + sizeof(byte);
    private const int DigestedBytes = KeptBytesMin + Digest.Bytes;

    private readonly KeptReply[] _kept;

    /// <summary>Makes the image of a session; <paramref name="kept"/> is by number, and will not change.</summary>
    public SessionImage(SessionId id, ClientId client, long nonce, SequenceNumber openedAt, long highest, long lastUse, KeptReply[] kept)
        : base(KeyOf(id), DigestOf(id, client, nonce, openedAt, highest, lastUse, kept))
    {
        Id = id;
        Client = client;
        Nonce = nonce;
        OpenedAt = openedAt;
        Highest = highest;
        LastUse = lastUse;
        _kept = kept;
        var bytes = HeaderBytes;
        foreach (var reply in kept) bytes += KeptBytesMin + (reply.Results is { } results ? sizeof(uint) + results.Length : 0);
        EncodedBytes = bytes;
    }

    public SessionId Id { get; }

    public ClientId Client { get; }

    public long Nonce { get; }

    public SequenceNumber OpenedAt { get; }

    public long Highest { get; }

    public long LastUse { get; }

    /// <summary>What is kept of the requests in the window, by number.</summary>
    public ReadOnlySpan<KeptReply> Kept => _kept;

    internal override int EncodedBytes { get; }

    /// <summary>The most bytes the image of a session takes in a chunk.</summary>
    public static int EncodedBytesMax(ProtocolOptions options) =>
        HeaderBytes + (options.SessionWindow * (KeptBytesMin + sizeof(uint))) + Math.Max(options.SessionReplyBytesMax, options.ResultBytesMax);

    /// <summary>The digest of a session's key.</summary>
    public static Digest KeyOf(SessionId id)
    {
        Span<byte> key = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(key, id.Value);
        return Digest.Of(key);
    }

    /// <summary>Reads what <see cref="Write"/> writes, into arrays of its own; null where the bytes are no session of this window.</summary>
    public static SessionImage? Read(ref WireReader reader, int window)
    {
        if (!reader.TryReadInt64(out var id) || id < 1 || !reader.TryReadIdentifier(out var client) || !reader.TryReadInt64(out var nonce)) return null;
        if (!reader.TryReadInt64(out var openedAt) || openedAt < 1 || !reader.TryReadInt64(out var highest) || highest < 0) return null;
        if (!reader.TryReadInt64(out var lastUse) || lastUse < 1 || !reader.TryReadLength(out var count) || count > window) return null;
        if (count > reader.Remaining / KeptBytesMin) return null;

        var kept = new KeptReply[count];
        var before = Math.Max(0, highest - window);
        for (var i = 0; i < kept.Length; i++)
        {
            if (ReadKept(ref reader) is not { } reply || reply.Number <= before || reply.Number > highest) return null;
            kept[i] = reply;
            before = reply.Number;
        }

        return new(new(id), new(client), nonce, new(openedAt), highest, lastUse, kept);
    }

    internal override void Write(ref WireWriter writer)
    {
        writer.WriteInt64(Id.Value);
        writer.WriteIdentifier(Client.Value);
        writer.WriteInt64(Nonce);
        writer.WriteInt64(OpenedAt.Value);
        writer.WriteInt64(Highest);
        writer.WriteInt64(LastUse);
        writer.WriteLength(_kept.Length);
        foreach (var reply in _kept)
        {
            writer.WriteInt64(reply.Number);
            writer.WriteInt64(reply.Sequence.Value);
            writer.WriteByte(reply.Results is null ? (byte)0 : (byte)1);
            if (reply.Results is not { } results) continue;
            writer.WriteLength(results.Length);
            writer.WriteBytes(results);
        }
    }

    internal override StateLeaf Rehashed() =>
        new SessionImage(Id, Client, Nonce, OpenedAt, Highest, LastUse, Array.ConvertAll(_kept, static reply => reply.WithoutDigest()));

    private static KeptReply? ReadKept(ref WireReader reader)
    {
        if (!reader.TryReadInt64(out var number) || !reader.TryReadInt64(out var sequence) || sequence < 1) return null;
        if (!reader.TryReadByte(out var hasResults) || hasResults > 1) return null;
        if (hasResults == 0) return new(number, new(sequence), results: null);
        if (!reader.TryReadLength(out var length) || !reader.TryReadBytes(length, out var results)) return null;
        return new(number, new(sequence), results.ToArray());
    }

    private static Digest DigestOf(SessionId id, ClientId client, long nonce, SequenceNumber openedAt, long highest, long lastUse, ReadOnlySpan<KeptReply> kept)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Domain.Length + HeaderBytes + (kept.Length * DigestedBytes));
        Domain.CopyTo(rented);
        var head = rented.AsSpan(Domain.Length);
        BinaryPrimitives.WriteInt64LittleEndian(head, id.Value);
        BinaryPrimitives.WriteUInt128LittleEndian(head[8..], client.Value);
        BinaryPrimitives.WriteInt64LittleEndian(head[24..], nonce);
        BinaryPrimitives.WriteInt64LittleEndian(head[32..], openedAt.Value);
        BinaryPrimitives.WriteInt64LittleEndian(head[40..], highest);
        BinaryPrimitives.WriteInt64LittleEndian(head[48..], lastUse);
        var length = Domain.Length + ClientId.Bytes + (5 * sizeof(long));
        foreach (var reply in kept)
        {
            var entry = rented.AsSpan(length, DigestedBytes);
            BinaryPrimitives.WriteInt64LittleEndian(entry, reply.Number);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], reply.Sequence.Value);
            entry[16] = reply.Results is null ? (byte)0 : (byte)1;
            reply.Digest.CopyTo(entry[17..]);
            length += DigestedBytes;
        }

        var digest = Digest.Of(rented.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(rented);
        return digest;
    }

    private static ReadOnlySpan<byte> Domain => "OrleansPbft/1 session\0"u8;
}
