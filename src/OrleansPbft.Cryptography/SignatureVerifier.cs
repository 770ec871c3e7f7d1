using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>Verifies signatures for a whole process: imported keys and verified signatures are kept, both bounded. Thread-safe.</summary>
/// <param name="signatures">The signatures known to verify; sealers of the same process add theirs.</param>
/// <param name="keysMax">How many imported keys are kept, each a few KiB; strangers' keys beyond that displace the least recently used.</param>
public sealed class SignatureVerifier(SignatureCache signatures, int keysMax = SignatureVerifier.DefaultKeysMax)
{
    /// <summary>How many imported keys are kept by default.</summary>
    public const int DefaultKeysMax = 2048;

    [ThreadStatic]
    private static long _doneByThisThread;

    private readonly GenerationalMap<PublicKey, KeySlots<ECDsa>> _keys = new(keysMax, slots => slots.Dispose());

    /// <summary>How many signatures the calling thread has verified so far, those known already not counted: the difference is what something has cost.</summary>
    public static long DoneByThisThread => _doneByThisThread;

    /// <summary>The signatures known to verify.</summary>
    public SignatureCache Signatures => signatures;

    /// <summary>How many imported keys are kept now.</summary>
    public int KeyCount => _keys.Count;

    /// <summary>Verifies a signature of 64 bytes: <see cref="RejectReason.None"/>, <see cref="RejectReason.BadKey"/> or <see cref="RejectReason.BadSignature"/>.</summary>
    /// <exception cref="ArgumentException">The signature is shorter than 64 bytes.</exception>
    public RejectReason Verify(in Digest hash, in PublicKey key, ReadOnlySpan<byte> signature)
    {
        if (signatures.Contains(hash, key, signature)) return RejectReason.None;

        if (!_keys.TryGet(key, out var slots))
        {
            if (key.TryImport() is not { } imported) return RejectReason.BadKey;
            var point = key;
            slots = new(() => point.TryImport()!, Environment.ProcessorCount);
            slots.Return(imported);
            _keys.Set(key, slots);
        }

        Span<byte> hashBytes = stackalloc byte[Digest.Bytes];
        hash.CopyTo(hashBytes);
        var ecdsa = slots.Take();
        var began = CryptographyMetrics.Begin();
        var ok = ecdsa.VerifyHash(hashBytes, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        CryptographyMetrics.OnVerified(began);
        _doneByThisThread++;
        slots.Return(ecdsa);
        if (!ok) return RejectReason.BadSignature;

        signatures.Add(hash, key, signature);
        return RejectReason.None;
    }
}
