using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>A P-256 key pair: what a replica or a client is (rules A-2, C-1). Thread-safe; the secret is never logged nor shown (rule A-5).</summary>
public sealed class KeyPair : IDisposable
{
    /// <summary>Bytes of a secret.</summary>
    public const int SecretBytes = 32;

    private readonly ECParameters _parameters;
    private readonly KeySlots<ECDsa> _keys;

    private KeyPair(ECDsa key)
    {
        _parameters = key.ExportParameters(includePrivateParameters: true);
        PublicKey = new([.. _parameters.Q.X!, .. _parameters.Q.Y!]);
        _keys = new(() => ECDsa.Create(_parameters), Environment.ProcessorCount);
        _keys.Return(key);
    }

    /// <summary>The public half.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>Makes a new key pair.</summary>
    public static KeyPair Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>The key pair of a given secret, for simulations and test vectors: whoever can guess the secret has the key.</summary>
    /// <exception cref="CryptographicException">The secret is 0, or not below the order of the curve.</exception>
    public static KeyPair FromSecret(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, SecretBytes);
        return new(ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret.ToArray() }));
    }

    /// <summary>Reads a key pair from PEM: PKCS #8 or SEC 1, on P-256, not encrypted.</summary>
    /// <exception cref="CryptographicException">It is no such key.</exception>
    public static KeyPair FromPem(ReadOnlySpan<char> pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            var curve = key.ExportParameters(includePrivateParameters: true).Curve; // throws for a public key
            if (curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value) throw new CryptographicException("The key is not on the curve P-256.");
            return new(key);
        }
        catch (ArgumentException e)
        {
            key.Dispose();
            throw new CryptographicException("The text holds no PEM private key.", e);
        }
        catch (CryptographicException)
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Writes the key pair, secret included, as PKCS #8 PEM.</summary>
    public string ToPem()
    {
        var key = _keys.Take();
        try
        {
            return key.ExportPkcs8PrivateKeyPem() + "\n";
        }
        finally
        {
            _keys.Return(key);
        }
    }

    /// <summary>Signs a hash: 64 bytes, r ‖ s.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="signature"/> is shorter than 64 bytes.</exception>
    public void Sign(in Digest hash, Span<byte> signature)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(signature.Length, EnvelopeEncoding.SignatureBytes);
        Span<byte> hashBytes = stackalloc byte[Digest.Bytes];
        hash.CopyTo(hashBytes);
        var key = _keys.Take();
        try
        {
            var began = CryptographyMetrics.Begin();
            key.SignHash(hashBytes, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            CryptographyMetrics.OnSigned(began);
        }
        finally
        {
            _keys.Return(key);
        }
    }

    /// <summary>The key for the base library's TLS and certificates.</summary>
    internal ECDsa ToECDsa() => ECDsa.Create(_parameters);

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys.Dispose();
        CryptographicOperations.ZeroMemory(_parameters.D);
    }

    /// <summary>The public half only.</summary>
    public override string ToString() => PublicKey.ToString();
}
