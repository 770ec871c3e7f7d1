namespace OrleansPbft.Grains.Recording;

/// <summary>Something that happened at a replica. Words are made of it when somebody wants to read them.</summary>
/// <param name="Id">Its number, from 1; given by the log.</param>
/// <param name="At">When, in microseconds since 1970.</param>
/// <param name="Replica">Where.</param>
/// <param name="Kind">What.</param>
/// <param name="View">v.</param>
/// <param name="Sequence">n, or 0.</param>
/// <param name="About">The replica it concerns.</param>
/// <param name="Amount">As the kind says.</param>
/// <param name="Held">How many of the kind happened here since the one told before, and were not told.</param>
/// <param name="Detail">More words, where the kind has any.</param>
internal readonly record struct RecordedEvent(
    long Id, long At, int Replica, EventKind Kind, long View, long Sequence, int About, long Amount, long Held = 0, string? Detail = null);
