namespace OrleansPbft.Core;

/// <summary>What became of one operation of a bundle.</summary>
public enum OperationStatus : byte
{
    /// <summary>The service applied it and this is its result.</summary>
    Done = 0,

    /// <summary>The service threw: nothing changed, and every replica says the same (rule S-3).</summary>
    Failed = 1,

    /// <summary>The service refused it as malformed or not allowed, with a reason in UTF-8; nothing changed.</summary>
    Rejected = 2,

    /// <summary>Its result would have been longer than a result may be; nothing changed.</summary>
    ResultTooLarge = 3,
}

/// <summary>One operation's result.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Data">The service's result, or the reason it gave.</param>
public readonly record struct OperationResult(OperationStatus Status, ReadOnlyMemory<byte> Data);
