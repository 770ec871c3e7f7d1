namespace OrleansPbft.Grains.Recording;

/// <summary>What became of the replies that a correct replica would have sent.</summary>
internal enum ReplyFate
{
    /// <summary>They left as they are.</summary>
    Sent,

    /// <summary>A fault on purpose told something else in their place.</summary>
    Altered,

    /// <summary>A fault on purpose kept them back.</summary>
    Withheld,
}
