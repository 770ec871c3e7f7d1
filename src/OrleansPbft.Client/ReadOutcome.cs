namespace OrleansPbft.Client;

/// <summary>What became of a read, for instruments.</summary>
internal enum ReadOutcome
{
    /// <summary>q replicas answered, and f + 1 of them equally.</summary>
    Accepted = 0,

    /// <summary>All replicas were asked once more.</summary>
    AskedAgain,

    /// <summary>It was ordered instead.</summary>
    Ordered,
}
