using Orleans.Concurrency;

namespace OrleansPbft.Grains;

/// <summary>The ordering role of one replica. Its key is the replica's id, and only that replica calls it.</summary>
[Alias("OrleansPbft.ILeaderGrain")]
public interface ILeaderGrain : IGrainWithIntegerKey
{
    /// <summary>Hands over a request to order. It is opened here too: the primary verifies before it proposes (rule A-3).</summary>
    /// <param name="request">The client's envelope, unchanged.</param>
    [OneWay]
    [Alias("Order")]
    Task Order(Envelope request);

    /// <summary>Tells where the replica stands.</summary>
    /// <param name="term">The newest replaces those before.</param>
    [OneWay]
    [Alias("Update")]
    Task Update(LeaderTerm term);

    /// <summary>Where this leader stands, for people.</summary>
    [Alias("GetStatus")]
    Task<LeaderStatus> GetStatus();
}
