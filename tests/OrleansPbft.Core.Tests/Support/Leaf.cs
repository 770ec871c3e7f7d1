namespace OrleansPbft.Core.Tests;

/// <summary>A leaf that is nothing but its digests.</summary>
internal sealed class Leaf(Digest key, Digest value) : StateLeaf(key, value)
{
    internal override int EncodedBytes => 1;

    public static Leaf Of(Digest key, int value) => new(key, Digest.Of([(byte)value]));

    internal override void Write(ref WireWriter writer) => writer.WriteByte(0);

    internal override StateLeaf Rehashed() => this;
}
