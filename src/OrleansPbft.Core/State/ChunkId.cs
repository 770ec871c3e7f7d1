namespace OrleansPbft.Core;

/// <summary>The address of a chunk of the state: a place in one of its trees (rule ST-1).</summary>
/// <remarks>
/// A place is the first <see cref="Depth"/> hexadecimal digits that the digests of its keys have in common; at
/// <see cref="EntryDepth"/>, which is all of them, it is one entry. Encoded: section (u8) ‖ whole (u8) ‖ depth (u8) ‖ digits, zeroes behind
/// them (32 bytes).
/// </remarks>
public readonly record struct ChunkId
{
    /// <summary>Length of the encoding in bytes.</summary>
    public const int EncodedBytes = (3 * sizeof(byte)) + Digest.Bytes;

    /// <summary>The depth of a single entry.</summary>
    public const int EntryDepth = 2 * Digest.Bytes;

    internal ChunkId(StateSection section, int depth, Digest prefix, bool isWhole) =>
        (Section, Depth, Prefix, IsWhole) = (section, (byte)depth, prefix, isWhole);

    /// <summary>The first chunk of every transfer: what the checkpoint's digest is directly the digest of.</summary>
    public static ChunkId Header => default;

    /// <summary>The part of the state.</summary>
    public StateSection Section { get; }

    /// <summary>How many hexadecimal digits of <see cref="Prefix"/> count: 0, the root, to <see cref="EntryDepth"/>.</summary>
    public byte Depth { get; }

    /// <summary>The digits, with zeroes behind them.</summary>
    public Digest Prefix { get; }

    /// <summary>Whether the requester lacks all or most that is there, and so wants entries, not digests to compare, wherever they fit.</summary>
    public bool IsWhole { get; }

    /// <summary>Writes the <see cref="EncodedBytes"/> of it.</summary>
    public void Write(ref WireWriter writer)
    {
        writer.WriteByte((byte)Section);
        writer.WriteByte(IsWhole ? (byte)1 : (byte)0);
        writer.WriteByte(Depth);
        writer.WriteDigest(Prefix);
    }

    /// <summary>Reads what <see cref="Write"/> writes; false when the bytes are not canonical.</summary>
    public static bool TryRead(ref WireReader reader, out ChunkId id)
    {
        id = default;
        if (!reader.TryReadByte(out var section) || section > (byte)StateSection.Sessions || !reader.TryReadByte(out var whole) || whole > 1) return false;
        if (!reader.TryReadByte(out var depth) || depth > EntryDepth || !reader.TryReadDigest(out var prefix) || prefix != prefix.Prefix(depth)) return false;
        if (whole == 1 && depth == EntryDepth) return false; // an entry has no other form
        if (section == (byte)StateSection.Header && (depth != 0 || whole != 0)) return false;
        id = new((StateSection)section, depth, prefix, whole == 1);
        return true;
    }

    /// <summary>Section and digits, for people.</summary>
    public override string ToString() =>
        Section == StateSection.Header ? "header" : $"{(Section == StateSection.Service ? "service" : "sessions")}/{Prefix.ToHex()[..Depth]}{(IsWhole ? "*" : "")}";

    internal ChunkId Child(int nibble, bool isWhole) => new(Section, Depth + 1, Prefix.WithNibble(Depth, nibble), isWhole);

    internal ChunkId Entry(in Digest key) => new(Section, EntryDepth, key, isWhole: false);
}
