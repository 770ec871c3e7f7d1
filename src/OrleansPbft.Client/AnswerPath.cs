namespace OrleansPbft.Client;

/// <summary>How an answer came about.</summary>
public enum AnswerPath
{
    /// <summary>The operations were given a place in the order, and executed there (rule C-4).</summary>
    Ordered = 0,

    /// <summary>q replicas were asked what they hold, and nothing was ordered (rule C-7).</summary>
    Quorum,
}
