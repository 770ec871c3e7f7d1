using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>How often the clients of one connection may ask what is refused, or ask again: so many times in a second each. Thread-safe.</summary>
/// <remarks>A request that is refused costs a verification and an answer, and one that is sent again an answer. A client that waits as it is told does neither
/// often; one that does not would take from the others what it does not get.</remarks>
internal sealed class ClientPace(int perSecond, int clientsMax, TimeProvider time)
{
    private const int RecentMax = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<ClientId, long> _free = []; // gate; of those with something to pay off, when they have
    private readonly long _step = Math.Max(1, time.TimestampFrequency / perSecond);
    private ulong[]? _recent; // of the reading loop; signatures, each where it falls

    /// <summary>Whether what the client sends is not looked at now.</summary>
    public bool IsHeldBack(ClientId client)
    {
        lock (_gate) return _free.TryGetValue(client, out var free) && free > time.GetTimestamp();
    }

    /// <summary>The client was told that it was refused, or asked again.</summary>
    public void Charge(ClientId client)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (_free.Count >= clientsMax && !_free.ContainsKey(client)) Forget(now);
            _free[client] = Math.Max(_free.GetValueOrDefault(client), now - time.TimestampFrequency) + _step;
        }
    }

    /// <summary>Whether a signature came over this connection lately; it has now. One caller at a time.</summary>
    public bool IsRepeated(ReadOnlySpan<byte> signature)
    {
        if (signature.Length < sizeof(ulong)) return false;
        var mark = BitConverter.ToUInt64(signature);
        ref var place = ref (_recent ??= new ulong[RecentMax])[mark % RecentMax];
        if (place == mark) return true;
        place = mark;
        return false;
    }

    /// <summary>Forgets who has nothing to pay off; all, where that makes no room.</summary>
    private void Forget(long now)
    {
        foreach (var (client, free) in _free.ToArray())
        {
            if (free <= now) _free.Remove(client);
        }

        if (_free.Count >= clientsMax) _free.Clear();
    }
}
