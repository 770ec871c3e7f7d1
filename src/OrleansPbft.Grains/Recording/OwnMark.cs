namespace OrleansPbft.Grains.Recording;

/// <summary>What a replica itself sent to all others of one kind, for one slot, view change or checkpoint. Times are microseconds; 0 is never.</summary>
internal struct OwnMark
{
    /// <summary>When it left, or would have, were the replica not faulty.</summary>
    public long At;

    /// <summary>The view it was for.</summary>
    public long View;

    /// <summary>The beginning of the digest it named.</summary>
    public ulong Digest;

    /// <summary>When it left again for all.</summary>
    public long ResentAt;

    /// <summary>It left. The first time counts, and one of a later view replaces it.</summary>
    public void OnSent(long at, long view, ulong digest)
    {
        if (At == 0 || view > View) (At, View, Digest, ResentAt) = (at, view, digest, 0);
        else if (view == View && ResentAt == 0) ResentAt = at;
    }
}
