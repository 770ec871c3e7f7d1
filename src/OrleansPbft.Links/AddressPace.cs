using System.Net;

namespace OrleansPbft.Links;

/// <summary>How soon an address whose connections had to be ended may have its next: so many in a second; beyond it each waits its turn. Thread-safe.</summary>
/// <remarks>To connect again takes a handshake of the silo, which is more than the garbage that ended the connection before did. Addresses of which nothing had to be
/// ended never wait. Those behind one address share its fate, which is a wait and no refusal.</remarks>
internal sealed class AddressPace(int perSecond, TimeProvider time)
{
    /// <summary>So many addresses are remembered at most.</summary>
    public const int AddressesMax = 4096;

    /// <summary>Nobody waits longer.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    private readonly KeyedRateLimit<IPAddress> _limit = new(perSecond, AddressesMax, time);

    /// <summary>A connection of the address had to be ended.</summary>
    public void Charge(IPAddress address) => _limit.Charge(address);

    /// <summary>How long the address has to wait before its next connection is served.</summary>
    public TimeSpan WaitOf(IPAddress address) => _limit.WaitOf(address) is var wait && wait < WaitMax ? wait : WaitMax;
}
