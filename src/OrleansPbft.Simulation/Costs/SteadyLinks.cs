using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation.Costs;

/// <summary>Links that lose nothing and take the same time for everything; what they carry is counted.</summary>
internal sealed class SteadyLinks(TimeSpan delay, EnvelopeTally tally) : ILinks
{
    public void Decide(int from, int to, ReadOnlyMemory<byte> envelope, List<Delivery> deliveries)
    {
        tally.Add(envelope);
        deliveries.Add(new(delay, envelope));
    }
}
