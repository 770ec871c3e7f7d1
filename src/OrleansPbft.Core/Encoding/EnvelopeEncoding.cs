namespace OrleansPbft.Core;

/// <summary>The fixed sizes of an envelope, and how its signed part begins (docs/wire-format.md).</summary>
public static class EnvelopeEncoding
{
    /// <summary>The version of the format: the first byte of every envelope.</summary>
    public const byte Version = 1;

    /// <summary>Bytes of a client's public key: the P-256 coordinates X ‖ Y, big-endian, 32 bytes each.</summary>
    public const int KeyBytes = 64;

    /// <summary>Bytes of a signature: r ‖ s, big-endian, 32 bytes each (IEEE P1363).</summary>
    public const int SignatureBytes = 64;

    /// <summary>The most envelopes one batch signature covers.</summary>
    public const int BatchSealLeavesMax = ushort.MaxValue;

    /// <summary>Bytes of a plain signature with its type.</summary>
    public const int SignatureSealBytes = sizeof(byte) + SignatureBytes;

    /// <summary>The most bytes a batch signature takes, with its type.</summary>
    public const int BatchSealBytesMax = SignatureSealBytes + BatchSealHeaderBytes + (16 * Digest.Bytes);

    /// <summary>Bytes of a batch signature before its path: leaf index and leaf count.</summary>
    public const int BatchSealHeaderBytes = sizeof(ushort) + sizeof(ushort);

    /// <summary>Bytes of a MAC: HMAC-SHA256, its first half.</summary>
    public const int MacBytes = 16;

    /// <summary>Bytes of the seal of a MAC with its type: the sender's epoch ‖ the receiver's epoch ‖ MAC.</summary>
    public const int MacSealBytes = sizeof(byte) + (2 * sizeof(long)) + MacBytes;

    /// <summary>Bytes of a SESSION-KEY's body: epoch ‖ key ‖ the client it is for, or zero ‖ whether it asks for the receiver's.</summary>
    public const int SessionKeyBodyBytes = sizeof(long) + KeyBytes + ClientId.Bytes + sizeof(byte);

    /// <summary>Bytes of a PACK's body before its first message: how many there are.</summary>
    public const int PackHeaderBytes = sizeof(ushort);

    /// <summary>Bytes that a message in a PACK takes beside its body: kind ‖ length.</summary>
    public const int PackEntryHeaderBytes = sizeof(byte) + sizeof(uint);

    /// <summary>The most messages a PACK has.</summary>
    public const int PackMessagesMax = 1024;

    /// <summary>The most bytes a PACK's body has; what is longer goes by itself.</summary>
    public const int PackBodyBytesMax = 64 << 10;

    internal const byte ReplicaRole = 0;
    internal const byte ClientRole = 1;

    private const int ReplicaHeaderBytes = 1 + 1 + ClusterId.Bytes + 1 + 1 + sizeof(uint);
    private const int ClientHeaderBytes = 1 + 1 + ClusterId.Bytes + 1 + KeyBytes + sizeof(uint);

    /// <summary>Bytes of an envelope before its body.</summary>
    public static int HeaderBytes(MessageKind kind) => IsOfClients(kind) ? ClientHeaderBytes : ReplicaHeaderBytes;

    /// <summary>Whether clients send this kind, and replicas never seal it.</summary>
    public static bool IsOfClients(MessageKind kind) => kind is MessageKind.Request or MessageKind.Read;

    /// <summary>Whether many of this kind may share one signature of their replica: what it answers to clients.</summary>
    public static bool IsSealedTogether(MessageKind kind) => kind is MessageKind.Reply or MessageKind.ReadReply;

    /// <summary>Whether a MAC is enough for this kind: it is no evidence, and nobody passes it on (rule A-2).</summary>
    public static bool IsMaced(MessageKind kind) => kind is MessageKind.Pack or MessageKind.Batch || IsPacked(kind);

    /// <summary>Whether this kind may travel in a PACK: what a MAC is enough for, without a payload.</summary>
    public static bool IsPacked(MessageKind kind) => kind
        is MessageKind.Prepare or MessageKind.Commit or MessageKind.Checkpoint or MessageKind.Status
        or MessageKind.Reply or MessageKind.ReadReply or MessageKind.FetchBatch or MessageKind.FetchChunks or MessageKind.Chunks;

    /// <summary>How many bytes more than a plain signature the seal of a client takes that has a MAC for each of n replicas.</summary>
    public static int AuthenticatorBytes(int replicas) => sizeof(long) + sizeof(byte) + (replicas * MacBytes);

    /// <summary>Bytes of an envelope of a plain signature, without its payload.</summary>
    public static int SignedBytes(MessageKind kind) => HeaderBytes(kind) + SignatureSealBytes;

    /// <summary>Writes what precedes the body in an envelope of a replica.</summary>
    public static void WriteHeader(ref WireWriter writer, MessageKind kind, ClusterId cluster, ReplicaId sender, int bodyBytes)
    {
        WriteStart(ref writer, kind, cluster);
        writer.WriteByte(ReplicaRole);
        writer.WriteByte(checked((byte)sender.Index));
        writer.WriteLength(bodyBytes);
    }

    /// <summary>Writes what precedes the body of a client's REQUEST or READ.</summary>
    public static void WriteHeader(
        ref WireWriter writer, ClusterId cluster, scoped ReadOnlySpan<byte> publicKey, int bodyBytes, MessageKind kind = MessageKind.Request)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, KeyBytes);
        WriteStart(ref writer, kind, cluster);
        writer.WriteByte(ClientRole);
        writer.WriteBytes(publicKey);
        writer.WriteLength(bodyBytes);
    }

    /// <summary>How many hashes lead from leaf <paramref name="index"/> of <paramref name="count"/> to the root.</summary>
    /// <remarks>A node without a right neighbour moves up as it is, so its level adds no hash (docs/wire-format.md).</remarks>
    public static int PathLength(int index, int count)
    {
        var length = 0;
        for (; count > 1; index >>= 1, count = (count + 1) >> 1)
        {
            if ((index ^ 1) < count) length++;
        }

        return length;
    }

    private static void WriteStart(ref WireWriter writer, MessageKind kind, ClusterId cluster)
    {
        writer.WriteByte(Version);
        writer.WriteByte((byte)kind);
        writer.WriteIdentifier(cluster.Value);
    }
}
