namespace OrleansPbft.Simulation.Network;

/// <summary>Decides what becomes of each message: lost, delivered late, more than once, damaged.</summary>
internal interface ILinks
{
    /// <summary>Adds one delivery to <paramref name="deliveries"/> for each time the message arrives; none when it is lost.</summary>
    void Decide(int from, int to, ReadOnlyMemory<byte> envelope, List<Delivery> deliveries);
}
