using OrleansPbft.Core;

namespace OrleansPbft.Faults;

/// <summary>What a faulty replica really sends to a peer.</summary>
/// <param name="To">The peer; the replica itself where its leader's proposal goes there.</param>
/// <param name="Bytes">An envelope, or what is left of one; must not be changed any more.</param>
public readonly record struct PeerEnvelope(ReplicaId To, ReadOnlyMemory<byte> Bytes);
