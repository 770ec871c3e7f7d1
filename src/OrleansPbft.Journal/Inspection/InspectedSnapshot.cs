using OrleansPbft.Core;

namespace OrleansPbft.Journal.Inspection;

/// <summary>The newest durable snapshot, for people.</summary>
/// <param name="File">Its name.</param>
/// <param name="Sequence">n of the checkpoint.</param>
/// <param name="Digest">The state's digest there.</param>
/// <param name="Bytes">How long the file is.</param>
public sealed record InspectedSnapshot(string File, SequenceNumber Sequence, Digest Digest, long Bytes);
