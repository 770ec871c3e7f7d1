using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>Signs with one key, and tells the process's cache what it signed.</summary>
internal sealed class EnvelopeSigner(KeyPair keyPair, SignatureCache? signatures)
{
    /// <summary>Signs a hash.</summary>
    public void Sign(in Digest hash, Span<byte> signature)
    {
        keyPair.Sign(hash, signature);
        signatures?.Add(hash, keyPair.PublicKey, signature);
    }

    /// <summary>Adds a plain signature behind what was written of an envelope; under another type where MACs follow it.</summary>
    public void Sign(ReadOnlySpan<byte> envelope, ref WireWriter writer, SealType type = SealType.Signature)
    {
        Span<byte> signature = stackalloc byte[EnvelopeEncoding.SignatureBytes];
        Sign(SigningHash.OfEnvelope(envelope[..writer.Position]), signature);
        writer.WriteByte((byte)type);
        writer.WriteBytes(signature);
    }
}
