using OrleansPbft.Core;

namespace OrleansPbft.Grains.Recording.Drawing;

/// <summary>Of what cluster, by whose account and when a trace is drawn.</summary>
/// <param name="Cluster">n, f, q.</param>
/// <param name="Hosted">The replicas whose records there are.</param>
/// <param name="Now">Now, in microseconds since 1970.</param>
internal sealed record Scene(ClusterSize Cluster, ReplicaSet Hosted, long Now)
{
    /// <summary>How long something may be under way, in microseconds, before it is called missing. When it comes after all, it is missing no more.</summary>
    public const long GraceUs = 100_000;

    /// <summary>How many replicas here must have got to the end for it to be called complete.</summary>
    public int Enough => Math.Min(Cluster.Quorum, Hosted.Count);

    /// <summary>Whether there are records of a replica.</summary>
    public bool Knows(int replica) => Hosted.Contains(new(replica));

    /// <summary>Whether what should have happened at a time has had its grace; false for what was not to happen, 0.</summary>
    public bool IsOverdue(long dueAt) => dueAt != 0 && Now - dueAt > GraceUs;
}
