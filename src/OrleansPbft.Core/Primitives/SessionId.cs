namespace OrleansPbft.Core;

/// <summary>A client's session: its place in the order of all sessions ever opened (rule C-2). The first is 1.</summary>
/// <param name="Value">1 or more; 0 stands for "none yet" in the request that opens one.</param>
public readonly record struct SessionId(long Value) : IComparable<SessionId>
{
    /// <summary>What a request that opens a session names.</summary>
    public static SessionId None => new(0);

    /// <inheritdoc/>
    public int CompareTo(SessionId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => $"s{Value}";
}
