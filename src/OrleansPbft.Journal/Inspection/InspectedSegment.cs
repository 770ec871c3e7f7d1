namespace OrleansPbft.Journal.Inspection;

/// <summary>One segment, for people.</summary>
/// <param name="File">Its name.</param>
/// <param name="Epoch">Which opening of the journal wrote it.</param>
/// <param name="FirstRecord">The number of its first record.</param>
/// <param name="Records">How many records of it count.</param>
/// <param name="Bytes">How long the file is.</param>
/// <param name="UsedBytes">How much of it is used.</param>
public sealed record InspectedSegment(string File, long Epoch, long FirstRecord, long Records, long Bytes, long UsedBytes);
