namespace OrleansPbft.Core;

/// <summary>What makes a request the same request however often it arrives: executed at most once (rule C-3).</summary>
/// <remarks>The client is part of it, so that a stranger who names another's session blocks nobody's request.</remarks>
/// <param name="Client">Whose key signed it.</param>
/// <param name="Session">The session, or <see cref="SessionId.None"/> in a request that opens one.</param>
/// <param name="Number">Its number in the session, 1 or more; the client's nonce in a request that opens a session.</param>
public readonly record struct RequestId(ClientId Client, SessionId Session, long Number)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Client.ToString()[..8]}/{Session}/{Number}";
}
