namespace OrleansPbft.Core;

/// <summary>i: one of the n replicas, 0 .. n - 1.</summary>
/// <param name="Index">0 .. 63; <see cref="ClusterSize.ReplicasMax"/> bounds it.</param>
public readonly record struct ReplicaId(int Index) : IComparable<ReplicaId>
{
    /// <inheritdoc/>
    public int CompareTo(ReplicaId other) => Index.CompareTo(other.Index);

    /// <inheritdoc/>
    public override string ToString() => $"r{Index}";
}
