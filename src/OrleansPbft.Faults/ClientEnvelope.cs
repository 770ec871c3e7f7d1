using OrleansPbft.Core;

namespace OrleansPbft.Faults;

/// <summary>What a faulty replica really sends to a client.</summary>
/// <param name="To">The client.</param>
/// <param name="Bytes">An envelope, or what is left of one; must not be changed any more.</param>
public readonly record struct ClientEnvelope(ClientId To, ReadOnlyMemory<byte> Bytes);
