using System.Security.Cryptography;

namespace OrleansPbft.Cryptography;

/// <summary>A session key of this side, with the keys derived with it. Whoever disposes it zeroes them all. Not thread-safe.</summary>
internal sealed class OwnSessionKey : IDisposable
{
    private readonly ECDiffieHellman _secret;
    private readonly Dictionary<(SessionParty Party, long Epoch), PairKeys> _pairs = [];

    /// <summary>Takes a key.</summary>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="secret">On P-256; disposed with this.</param>
    /// <param name="madeAt">Now, by the monotonic clock.</param>
    public OwnSessionKey(long epoch, ECDiffieHellman secret, long madeAt)
    {
        Epoch = epoch;
        _secret = secret;
        MadeAt = madeAt;
        var point = secret.ExportParameters(includePrivateParameters: false).Q;
        PublicKey = new([.. point.X!, .. point.Y!]);
    }

    public long Epoch { get; }

    public PublicKey PublicKey { get; }

    public long MadeAt { get; }

    /// <summary>When it ends, by the monotonic clock: a while after a newer one was made.</summary>
    public long EndsAt { get; set; } = long.MaxValue;

    /// <summary>The SESSION-KEY that says it to replicas, sealed when it is first sent; and the one that asks for theirs too.</summary>
    public byte[]? Telling { get; set; }

    public byte[]? Asking { get; set; }

    /// <summary>How many pairs of keys there are.</summary>
    public int Pairs => _pairs.Count;

    /// <summary>The pair of keys with another's, when it was derived already.</summary>
    public bool TryFind(in SessionParty party, long epoch, out PairKeys? keys) => _pairs.TryGetValue((party, epoch), out keys);

    /// <summary>Keeps a pair of keys.</summary>
    public void Keep(in SessionParty party, long epoch, PairKeys keys) => _pairs.Add((party, epoch), keys);

    /// <summary>Zeroes and forgets the pair of keys with another's.</summary>
    public void Forget(in SessionParty party, long epoch)
    {
        if (_pairs.Remove((party, epoch), out var keys)) keys.Zero();
    }

    /// <summary>The Diffie-Hellman secret with another's key; the caller zeroes it.</summary>
    public byte[] Agree(in PublicKey other)
    {
        using var theirs = other.TryImportForAgreement() ?? throw new CryptographicException("A session key that was taken is not on the curve.");
        using var point = theirs.PublicKey;
        return _secret.DeriveRawSecretAgreement(point);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var keys in _pairs.Values) keys.Zero();
        _pairs.Clear();
        _secret.Dispose();
    }
}
