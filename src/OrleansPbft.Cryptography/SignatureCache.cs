using System.Runtime.Intrinsics;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>Remembers signatures that verified, so that one process verifies each once, whoever of its replicas asks. Thread-safe and bounded.</summary>
/// <remarks>
/// Sound because verification is a pure function of hash, key and signature, all three compared in full. Only successes are
/// remembered: what a stranger can make up never displaces what somebody signed.
/// </remarks>
public sealed class SignatureCache
{
    /// <summary>How many signatures are remembered by default: about 6 MB.</summary>
    public const int DefaultCapacity = 32_768;

    private const int StripesLog2 = 4;

    private readonly GenerationalMap<Digest, Entry>[] _stripes = new GenerationalMap<Digest, Entry>[1 << StripesLog2];

    /// <summary>Makes room for <paramref name="capacity"/> signatures.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 32.</exception>
    public SignatureCache(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2 << StripesLog2);
        for (var i = 0; i < _stripes.Length; i++) _stripes[i] = new(capacity >> StripesLog2);
    }

    /// <summary>How many signatures are remembered now.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var stripe in _stripes) count += stripe.Count;
            return count;
        }
    }

    /// <summary>Whether this very signature of this hash by this key is known to verify.</summary>
    /// <exception cref="ArgumentException">The signature is shorter than 64 bytes.</exception>
    public bool Contains(in Digest hash, in PublicKey key, ReadOnlySpan<byte> signature) =>
        Stripe(hash).TryGet(hash, out var entry) && entry == new Entry(key, Vector512.Create(signature));

    /// <summary>Remembers a signature that was made or verified here.</summary>
    /// <exception cref="ArgumentException">The signature is shorter than 64 bytes.</exception>
    public void Add(in Digest hash, in PublicKey key, ReadOnlySpan<byte> signature) =>
        Stripe(hash).Set(hash, new(key, Vector512.Create(signature)));

    private GenerationalMap<Digest, Entry> Stripe(in Digest hash) => _stripes[hash.GetHashCode() & ((1 << StripesLog2) - 1)];

    private readonly record struct Entry(PublicKey Key, Vector512<byte> Signature);
}
