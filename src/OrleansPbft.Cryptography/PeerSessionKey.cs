namespace OrleansPbft.Cryptography;

/// <summary>A session key that another has announced, and what is known of its use.</summary>
/// <param name="epoch">Its epoch.</param>
/// <param name="publicKey">A point of the curve.</param>
/// <param name="envelope">The announcement as it came, to be shown to its sender should that one have forgotten it.</param>
internal sealed class PeerSessionKey(long epoch, PublicKey publicKey, byte[] envelope)
{
    public long Epoch { get; } = epoch;

    public PublicKey PublicKey { get; } = publicKey;

    public byte[] Envelope { get; } = envelope;

    /// <summary>When it ends, by the monotonic clock: a while after a newer one was taken.</summary>
    public long EndsAt { get; set; } = long.MaxValue;

    /// <summary>Which of our own keys its holder last proved to know, by a MAC; null for none.</summary>
    public OwnSessionKey? Confirmed { get; set; }
}
