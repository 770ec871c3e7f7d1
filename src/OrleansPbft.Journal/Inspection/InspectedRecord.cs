using OrleansPbft.Core;

namespace OrleansPbft.Journal.Inspection;

/// <summary>One record, for people.</summary>
/// <param name="Number">Its number in the journal.</param>
/// <param name="File">The name of its file.</param>
/// <param name="Offset">Where in it, in bytes.</param>
/// <param name="Kind">What it records.</param>
/// <param name="IsRepeated">Whether it repeats one of an earlier segment.</param>
/// <param name="View">v; initial where it has none.</param>
/// <param name="Sequence">n; zero where it has none.</param>
/// <param name="Digest">d; zero where it has none.</param>
/// <param name="Bytes">How many bytes it takes.</param>
/// <param name="Detail">What else it says, in words; empty for nothing.</param>
public sealed record InspectedRecord(
    long Number, string File, long Offset, string Kind, bool IsRepeated, View View, SequenceNumber Sequence, Digest Digest, long Bytes, string Detail);
