using OrleansPbft.Core;

namespace OrleansPbft.Grains.Machines;

/// <summary>What waits of one peer, and how much more of it may be opened now: some each second, and some for each envelope of the others (rule N-8).</summary>
/// <remarks>Correct peers of one replica have about as much to say as each other. One that says very much more costs no more than that; what waits of it
/// fills its lane, and it is held up or loses it.</remarks>
internal sealed class PeerLane(LaneBounds bounds) : Lane(bounds)
{
    /// <summary>How many envelopes of one peer are opened in a second, whatever the others do.</summary>
    public const int PerSecond = 1000;

    /// <summary>How many more for each that is opened of any other origin.</summary>
    public const int PerOther = 2;

    /// <summary>How many at a time, after a while in which it said little: what a state transfer and a view change take together.</summary>
    public const int Burst = 8192;

    private double _allowance = Burst;
    private Instant _countedAt;
    private long _countedOthers;
    private long _opened;

    /// <summary>Whether it had to wait when it was last asked for.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Whether one more may be opened now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="opened">How many were opened of all origins so far.</param>
    public bool MayOpen(Instant now, long opened)
    {
        var others = opened - _opened;
        var seconds = Math.Max(0, now.Since(_countedAt).TotalSeconds);
        _allowance = Math.Min(Burst, _allowance + (seconds * PerSecond) + ((double)PerOther * (others - _countedOthers)));
        (_countedAt, _countedOthers) = (now, others);
        IsHeld = _allowance < 1;
        return !IsHeld;
    }

    /// <summary>One was opened.</summary>
    public void OnOpened()
    {
        _opened++;
        _allowance--;
    }
}
