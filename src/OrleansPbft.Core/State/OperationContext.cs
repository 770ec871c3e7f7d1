namespace OrleansPbft.Core;

/// <summary>All that an operation may know beside the state: the same on every replica (rule S-1).</summary>
/// <param name="Client">Who asked.</param>
/// <param name="Timestamp">The agreed time: later than that of every batch before it.</param>
/// <param name="Sequence">n of the batch.</param>
/// <param name="Position">The operation's place in its batch, over all its requests, from 0.</param>
/// <param name="Seed">For pseudo-random draws: differs for every operation, and a faulty primary can influence it.</param>
public readonly record struct OperationContext(ClientId Client, Instant Timestamp, SequenceNumber Sequence, int Position, ulong Seed);
