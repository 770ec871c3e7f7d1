namespace OrleansPbft.Core;

/// <summary>What a replica made of a read. Only <see cref="Answered"/> has results.</summary>
public enum ReadStatus : byte
{
    /// <summary><see cref="ReadReply.Results"/> has one result for each operation.</summary>
    Answered = 1,

    /// <summary>Too many are asked at a time. <see cref="ReadReply.Results"/> holds the retry hint (C-6).</summary>
    Busy = 2,
}
