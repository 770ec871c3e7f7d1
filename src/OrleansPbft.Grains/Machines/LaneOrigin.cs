namespace OrleansPbft.Grains.Machines;

/// <summary>Who fills a lane.</summary>
internal enum LaneOrigin : byte
{
    /// <summary>This replica itself: what it says it needs.</summary>
    Own,

    /// <summary>One peer, which may be faulty: it is opened no faster than what it can have to say.</summary>
    Peer,

    /// <summary>Clients, any number of them: they share the lane evenly.</summary>
    Clients,
}
