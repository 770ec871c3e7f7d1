using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>A P-256 public key: its coordinates X ‖ Y, big-endian, 64 bytes. By value (LESSONS B2). Not necessarily a point of the curve.</summary>
public readonly struct PublicKey : IEquatable<PublicKey>
{
    /// <summary>Length in bytes.</summary>
    public const int Bytes = EnvelopeEncoding.KeyBytes;

    private const int CoordinateBytes = Bytes / 2;

    private readonly Vector512<byte> _coordinates;

    /// <summary>Reads the 64 bytes of a key.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not exactly 64 bytes.</exception>
    public PublicKey(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Bytes);
        _coordinates = Vector512.Create(bytes);
    }

    // The prime of the field P-256 is over. A coordinate of it or more would be a second encoding of the same key; OpenSSL refuses it
    // by itself, other platforms do not promise to.
    private static ReadOnlySpan<byte> FieldPrime =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    ];

    /// <summary>Who holds this key, if it is a client's (rule C-1).</summary>
    public ClientId ClientId
    {
        get
        {
            Span<byte> bytes = stackalloc byte[Bytes];
            CopyTo(bytes);
            return ClientId.Of(bytes);
        }
    }

    /// <summary>What people compare: SHA-256 of the 64 bytes, its first 16 in hexadecimal. Of a client's key it is the client's id.</summary>
    public string Fingerprint => ClientId.ToString();

    /// <summary>Reads the hexadecimal digits that <see cref="ToString"/> writes.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PublicKey key)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        var ok = text?.Length == 2 * Bytes && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        key = ok ? new(bytes) : default;
        return ok;
    }

    /// <summary>Writes the 64 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is shorter than 64 bytes.</exception>
    public void CopyTo(Span<byte> destination) => _coordinates.CopyTo(destination);

    /// <summary>Whether this is a point of the curve, in its one encoding: whether signatures of it can exist. Costs as much as a signature.</summary>
    public bool IsValid()
    {
        using var key = TryImport();
        return key is not null;
    }

    /// <inheritdoc/>
    public bool Equals(PublicKey other) => _coordinates == other._coordinates;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PublicKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _coordinates.GetHashCode();

    /// <summary>Whether all 64 bytes are equal.</summary>
    public static bool operator ==(PublicKey left, PublicKey right) => left.Equals(right);

    /// <summary>Whether any byte differs.</summary>
    public static bool operator !=(PublicKey left, PublicKey right) => !left.Equals(right);

    /// <summary>The 64 bytes as 128 hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    internal ECDsa? TryImport() => TryImport(ECDsa.Create);

    internal ECDiffieHellman? TryImportForAgreement() => TryImport(ECDiffieHellman.Create);

    private T? TryImport<T>(Func<ECParameters, T> create)
        where T : class
    {
        var bytes = new byte[Bytes];
        CopyTo(bytes);
        var x = bytes[..CoordinateBytes];
        var y = bytes[CoordinateBytes..];
        if (x.AsSpan().SequenceCompareTo(FieldPrime) >= 0 || y.AsSpan().SequenceCompareTo(FieldPrime) >= 0) return null;
        try
        {
            return create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = x, Y = y } });
        }
        catch (CryptographicException)
        {
            return null; // not on the curve: the one way the base library has of saying so
        }
    }
}
