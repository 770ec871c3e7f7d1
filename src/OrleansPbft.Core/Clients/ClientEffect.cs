namespace OrleansPbft.Core;

/// <summary>What a client session can want its host to do.</summary>
public enum ClientEffectKind : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Send the signed request with <see cref="ClientEffect.Number"/> to <see cref="ClientEffect.To"/>.</summary>
    Send,

    /// <summary>The request with <see cref="ClientEffect.Number"/> is answered for good: <see cref="ClientEffect.Accepted"/>.</summary>
    Complete,

    /// <summary>Call <see cref="ClientSession.Tick"/> at <see cref="ClientEffect.At"/> or soon after. The newest replaces the ones before.</summary>
    WakeAt,
}

/// <summary>An answer that f + 1 distinct replicas gave equally: final at once (rule C-4).</summary>
/// <param name="Reply">One of the equal replies.</param>
/// <param name="Agreed">Who gave it.</param>
public sealed record AcceptedReply(Reply Reply, ReplicaSet Agreed);

/// <summary>One thing a client's host must do.</summary>
/// <param name="Kind">What.</param>
/// <param name="Number">The request's number; the nonce of the one that opens the session.</param>
/// <param name="To">The destinations, of a <see cref="ClientEffectKind.Send"/>.</param>
/// <param name="Accepted">The answer, of a <see cref="ClientEffectKind.Complete"/>.</param>
/// <param name="At">When, of a <see cref="ClientEffectKind.WakeAt"/>.</param>
public readonly record struct ClientEffect(ClientEffectKind Kind, long Number, ReplicaSet To, AcceptedReply? Accepted, Instant At);
