namespace OrleansPbft.Simulation.Network;

/// <summary>One arrival of a message.</summary>
/// <param name="After">How long it takes.</param>
/// <param name="Envelope">What arrives.</param>
internal readonly record struct Delivery(TimeSpan After, ReadOnlyMemory<byte> Envelope);
