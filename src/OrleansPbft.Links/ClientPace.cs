using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>How often the clients of one connection may ask what is refused, ask again, or open a session: so many times in a second each. Thread-safe.</summary>
/// <remarks>A request that is refused costs a verification and an answer, and one that is sent again an answer. A client that waits as it is told does neither
/// often; one that does not would take from the others what it does not get. And a session, which costs more than a request and is good for many, is opened now and then.</remarks>
/// <param name="refusalsPerSecond">How many requests may be refused, or be repetitions.</param>
/// <param name="openingsPerSecond">How many may open a session.</param>
/// <param name="clientsMax">How many clients are remembered at most.</param>
/// <param name="time">The clock.</param>
internal sealed class ClientPace(int refusalsPerSecond, int openingsPerSecond, int clientsMax, TimeProvider time)
{
    private const int RecentMax = 4096;

    private readonly KeyedRateLimit<ClientId> _refusals = new(refusalsPerSecond, clientsMax, time);
    private readonly KeyedRateLimit<ClientId> _openings = new(openingsPerSecond, clientsMax, time);
    private ulong[]? _recent; // of the reading loop; signatures, each where it falls

    /// <summary>Whether what the client sends is not looked at now: nothing of it, or nothing that opens a session.</summary>
    public bool IsHeldBack(ClientId client, bool opensSession) =>
        _refusals.WaitOf(client) > TimeSpan.Zero || (opensSession && _openings.WaitOf(client) > TimeSpan.Zero);

    /// <summary>The client was told that it was refused, or asked again.</summary>
    public void Charge(ClientId client) => _refusals.Charge(client);

    /// <summary>The client opens a session.</summary>
    public void ChargeOpening(ClientId client) => _openings.Charge(client);

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
