using OrleansPbft.Core;

namespace OrleansPbft.Grains.Machines;

/// <summary>What waits of one peer, and how much more of it may be opened now: some each second, and as much as of the others (rule N-8, ADR 0019).</summary>
/// <remarks>Correct peers of one replica have about as much to say as each other. One that says very much more costs no more than that; what waits of it
/// fills its lane, and it is held up or loses it. Counted is what opening costs, in units: a MAC'd envelope is one.</remarks>
internal sealed class PeerLane(LaneBounds bounds) : Lane(bounds)
{
    /// <summary>How many units of one peer are opened in a second, whatever the others do: about a fiftieth of one processor's time.</summary>
    public const int PerSecond = 5000;

    /// <summary>How many more for each unit of any other origin.</summary>
    public const int PerOther = 1;

    /// <summary>How many at a time, after a while in which it said little: what a state transfer and a view change take together.</summary>
    public const int Burst = 16384;

    /// <summary>How many units a signature is that has to be verified.</summary>
    public const int Verification = 12;

    /// <summary>So many bytes are a unit: they are hashed, and copied.</summary>
    public const int UnitBytes = 8192;

    private double _allowance = Burst;
    private Instant _countedAt;
    private long _countedOthers;
    private long _opened;

    /// <summary>Whether it had to wait when it was last asked for.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Whether one more may be opened now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="opened">How many units were opened of all origins so far.</param>
    public bool MayOpen(Instant now, long opened)
    {
        var others = opened - _opened;
        var seconds = Math.Max(0, now.Since(_countedAt).TotalSeconds);
        _allowance = Math.Min(Burst, _allowance + (seconds * PerSecond) + ((double)PerOther * (others - _countedOthers)));
        (_countedAt, _countedOthers) = (now, others);
        IsHeld = _allowance < 1;
        return !IsHeld;
    }

    /// <summary>So many units were opened.</summary>
    public void OnOpened(int units)
    {
        _opened += units;
        _allowance -= units;
    }
}
