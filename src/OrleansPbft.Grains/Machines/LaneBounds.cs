namespace OrleansPbft.Grains.Machines;

/// <summary>How much of one origin may wait to be opened.</summary>
/// <param name="Count">The most envelopes.</param>
/// <param name="Bytes">The most bytes of them.</param>
/// <param name="Origin">What it is.</param>
internal readonly record struct LaneBounds(int Count, long Bytes, LaneOrigin Origin = LaneOrigin.Own);
