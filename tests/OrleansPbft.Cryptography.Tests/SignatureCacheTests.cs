using OrleansPbft.Core;
using static OrleansPbft.Cryptography.Tests.TestCluster;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>What is remembered is bounded, shared by threads, and never a failure (N-8).</summary>
public sealed class SignatureCacheTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_signature_is_known_only_with_its_hash_and_key()
    {
        var cache = new SignatureCache();
        var (first, second) = (Signature(1), Signature(2));
        var (key, otherKey) = (_cluster.Keys[0].PublicKey, _cluster.Keys[1].PublicKey);

        cache.Add(Digest.Of("a"u8), key, first);

        Assert.True(cache.Contains(Digest.Of("a"u8), key, first));
        Assert.False(cache.Contains(Digest.Of("a"u8), key, second));
        Assert.False(cache.Contains(Digest.Of("a"u8), otherKey, first));
        Assert.False(cache.Contains(Digest.Of("b"u8), key, first));
    }

    [Fact]
    public void It_never_holds_more_than_its_capacity_and_keeps_what_is_used()
    {
        var cache = new SignatureCache(capacity: 256);
        var key = _cluster.Keys[0].PublicKey;
        var used = Digest.Of("used"u8);
        cache.Add(used, key, Signature(0));

        for (var i = 0; i < 10_000; i++)
        {
            cache.Add(Digest.Of(BitConverter.GetBytes(i)), key, Signature(1));

            Assert.True(cache.Contains(used, key, Signature(0)));
            Assert.True(cache.Count <= 256);
        }

        Assert.False(cache.Contains(Digest.Of(BitConverter.GetBytes(0)), key, Signature(1)));
    }

    [Fact]
    public void Sealers_and_openers_of_one_process_share_what_was_verified()
    {
        var signatures = new SignatureCache();
        var verifier = new SignatureVerifier(signatures);
        var opener = new EnvelopeOpener(_cluster.Membership, Options, verifier);
        var sealer = new ReplicaSealer(_cluster.Membership.Id, R1, _cluster.Keys[1], signatures);

        var envelope = sealer.Seal(new Vote(VotePhase.Prepare, new(0), new(1), default, R1));

        Assert.Equal(1, signatures.Count);
        Assert.Equal(RejectReason.None, opener.TryOpen(envelope, out _));
        Assert.Equal(0, verifier.KeyCount); // no key was imported: nothing was verified again
    }

    [Fact]
    public void What_does_not_verify_is_not_remembered()
    {
        var verifier = new SignatureVerifier(new());

        Assert.Equal(RejectReason.BadSignature, verifier.Verify(Digest.Of("a"u8), _cluster.Keys[0].PublicKey, Signature(1)));
        Assert.Equal(RejectReason.BadSignature, verifier.Verify(Digest.Of("a"u8), _cluster.Keys[0].PublicKey, new byte[64]));
        Assert.Equal(RejectReason.BadKey, verifier.Verify(Digest.Of("a"u8), default, Signature(1)));

        Assert.Equal(0, verifier.Signatures.Count);
        Assert.Equal(1, verifier.KeyCount);
    }

    [Fact]
    public void Strangers_keys_do_not_grow_memory()
    {
        var verifier = new SignatureVerifier(new(), keysMax: 8);
        var signature = new byte[64];

        for (var secret = 1; secret <= 40; secret++)
        {
            using var key = KeyOf(secret);
            key.Sign(Digest.Of("a"u8), signature);

            Assert.Equal(RejectReason.None, verifier.Verify(Digest.Of("a"u8), key.PublicKey, signature));
            Assert.True(verifier.KeyCount <= 8);
        }

        using var first = KeyOf(1);
        first.Sign(Digest.Of("b"u8), signature);
        Assert.Equal(RejectReason.None, verifier.Verify(Digest.Of("b"u8), first.PublicKey, signature)); // forgotten, and imported again
    }

    [Fact]
    public void Threads_share_a_verifier_whose_keys_come_and_go()
    {
        var verifier = new SignatureVerifier(new(capacity: 64), keysMax: 4);
        var keys = Enumerable.Range(1, 8).Select(KeyOf).ToArray();
        var wrong = 0;

        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            var signature = new byte[64];
            var hash = Digest.Of(BitConverter.GetBytes(i / 4));
            var key = keys[i % 8];
            key.Sign(hash, signature);
            if (verifier.Verify(hash, key.PublicKey, signature) != RejectReason.None) Interlocked.Increment(ref wrong);
            if (verifier.Verify(hash, keys[(i + 1) % 8].PublicKey, signature) != RejectReason.BadSignature) Interlocked.Increment(ref wrong);
        });

        Assert.Equal(0, wrong);
        Assert.True(verifier.KeyCount <= 4);
        Assert.True(verifier.Signatures.Count <= 64);
        foreach (var key in keys) key.Dispose();
    }

    [Fact]
    public void A_map_tells_what_it_drops_and_only_that()
    {
        var dropped = new List<string>();
        var map = new GenerationalMap<int, string>(4, dropped.Add);

        for (var i = 0; i < 6; i++) map.Set(i, $"v{i}");
        map.Set(5, "new");

        Assert.Equal(["v0", "v1", "v5"], dropped);
        Assert.Equal(4, map.Count);
        Assert.True(map.TryGet(5, out var value));
        Assert.Equal("new", value);
        Assert.True(map.TryGet(2, out _));
        Assert.False(map.TryGet(0, out _));
    }

    public void Dispose() => _cluster.Dispose();

    private static byte[] Signature(byte fill)
    {
        var signature = new byte[64];
        signature.AsSpan().Fill(fill);
        return signature;
    }
}
