namespace OrleansPbft.Grains;

/// <summary>Whether replicas keep what they said (rule D-1).</summary>
public enum Durability
{
    /// <summary>Nothing is kept: a start is a new cluster.</summary>
    None = 0,

    /// <summary>A vote is on disk before it leaves.</summary>
    Sync,
}
