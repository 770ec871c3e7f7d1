namespace OrleansPbft.Core;

/// <summary>What a Merkle tree over the state holds at one key: two digests and what they are the digests of. It never changes.</summary>
/// <remarks>Because it never changes, a snapshot may share it with the state that goes on (rule ST-1).</remarks>
public abstract class StateLeaf
{
    private protected StateLeaf(in Digest key, in Digest value) => (KeyDigest, ValueDigest) = (key, value);

    /// <summary>The digest of the key: the leaf's place in the tree.</summary>
    public Digest KeyDigest { get; }

    /// <summary>The digest of everything else.</summary>
    public Digest ValueDigest { get; }

    /// <summary>How many bytes it takes in a chunk.</summary>
    internal abstract int EncodedBytes { get; }

    /// <summary>Writes it as chunks carry it.</summary>
    internal abstract void Write(ref WireWriter writer);

    /// <summary>The same, its digests taken again of the bytes as they are now (rule K-3).</summary>
    internal abstract StateLeaf Rehashed();
}
