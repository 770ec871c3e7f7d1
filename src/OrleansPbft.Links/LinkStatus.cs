namespace OrleansPbft.Links;

/// <summary>How the links with one peer are, for people.</summary>
/// <param name="Peer">The peer's id.</param>
/// <param name="Address">Where it is dialled.</param>
/// <param name="IsSending">Whether the link to it is open.</param>
/// <param name="IsReceiving">Whether the link from it is open.</param>
/// <param name="QueuedBytes">What waits to be sent.</param>
/// <param name="Dropped">How many envelopes found no room, since the start.</param>
/// <param name="Problem">Why there is no link to it, as a sentence; null where there is one.</param>
/// <param name="Refusal">Why its own link was refused last, as a sentence; null where it is taken.</param>
public sealed record LinkStatus(int Peer, string Address, bool IsSending, bool IsReceiving, int QueuedBytes, long Dropped, string? Problem, string? Refusal);
