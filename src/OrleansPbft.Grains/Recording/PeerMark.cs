namespace OrleansPbft.Grains.Recording;

/// <summary>What one peer sent of one kind for one slot, view change or checkpoint, as its receiver saw it. Times are microseconds; 0 is never.</summary>
internal struct PeerMark
{
    /// <summary>When the first one was there.</summary>
    public long At;

    /// <summary>The view it was for.</summary>
    public long View;

    /// <summary>The beginning of the digest it named.</summary>
    public ulong Digest;

    /// <summary>When this replica sent that peer its own message of the kind again.</summary>
    public long ResentAt;

    /// <summary>Who handed it on: the peer itself, or one that passed on what the peer had said.</summary>
    public int From;

    /// <summary>Whether another one of the same view named another digest.</summary>
    public bool Contradicts;

    /// <summary>One arrived. The first one of the latest view stands, so a liar can spoil what is known of itself and of nobody else.</summary>
    public void OnArrived(long at, long view, ulong digest, int from)
    {
        if (At != 0 && View == view) Contradicts |= Digest != digest;
        if (At != 0 && View >= view) return;
        (At, View, Digest, From, Contradicts) = (at, view, digest, from, false);
    }

    /// <summary>This replica sent the peer its own once more.</summary>
    public void OnResent(long at)
    {
        if (ResentAt == 0) ResentAt = at;
    }
}
