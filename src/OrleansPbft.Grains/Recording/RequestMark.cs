using OrleansPbft.Core;

namespace OrleansPbft.Grains.Recording;

/// <summary>How one request reached one replica. Times are microseconds; 0 is never.</summary>
internal struct RequestMark
{
    /// <summary>Which request.</summary>
    public RequestId Id;

    /// <summary>When its client's own was there.</summary>
    public long FromClientAt;

    /// <summary>When the first that a backup passed on was there.</summary>
    public long ForwardedAt;

    /// <summary>Bit i: replica i passed it on to this one.</summary>
    public ulong ForwardedBy;

    /// <summary>When this replica passed it on.</summary>
    public long PassedOnAt;

    /// <summary>To whom.</summary>
    public int PassedOnTo;

    /// <summary>When it was first there, by whichever way; 0 where it was not.</summary>
    public readonly long ArrivedAt => FromClientAt == 0 ? ForwardedAt : ForwardedAt == 0 ? FromClientAt : Math.Min(FromClientAt, ForwardedAt);
}
