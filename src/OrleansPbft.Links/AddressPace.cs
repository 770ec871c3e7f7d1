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

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, long> _free = []; // gate; when each has paid off what it did
    private readonly long _step = Math.Max(1, time.TimestampFrequency / perSecond);

    /// <summary>A connection of the address had to be ended.</summary>
    public void Charge(IPAddress address)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (_free.Count >= AddressesMax && !_free.ContainsKey(address)) Forget(now);
            _free[address] = Math.Max(_free.GetValueOrDefault(address), now - time.TimestampFrequency) + _step;
        }
    }

    /// <summary>How long the address has to wait before its next connection is served.</summary>
    public TimeSpan WaitOf(IPAddress address)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (!_free.TryGetValue(address, out var free) || free <= now) return TimeSpan.Zero;
            var wait = time.GetElapsedTime(now, free);
            return wait < WaitMax ? wait : WaitMax;
        }
    }

    /// <summary>Forgets who has paid; all, where that makes no room.</summary>
    private void Forget(long now)
    {
        foreach (var (address, free) in _free.ToArray())
        {
            if (free <= now) _free.Remove(address);
        }

        if (_free.Count >= AddressesMax) _free.Clear();
    }
}
