using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>How often the clients of one connection may ask what is refused, or ask again: so many times in a second each. Thread-safe.</summary>
/// <remarks>A request that is refused costs a verification and an answer, and one that is sent again an answer. A client that waits as it is told does neither
/// often; one that does not would take from the others what it does not get.</remarks>
internal sealed class ClientPace(int perSecond, int clientsMax, TimeProvider time)
{
    private const int RecentMax = 4096;

    private readonly KeyedRateLimit<ClientId> _limit = new(perSecond, clientsMax, time);
    private ulong[]? _recent; // of the reading loop; signatures, each where it falls

    /// <summary>Whether what the client sends is not looked at now.</summary>
    public bool IsHeldBack(ClientId client) => _limit.WaitOf(client) > TimeSpan.Zero;

    /// <summary>The client was told that it was refused, or asked again.</summary>
    public void Charge(ClientId client) => _limit.Charge(client);

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
}
