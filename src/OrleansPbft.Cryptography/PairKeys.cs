using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>The two keys that two parties derive from what they told each other: one for each direction (rule A-2).</summary>
internal sealed class PairKeys
{
    private const int KeyBytes = 32;

    /// <summary>Derives them: HKDF-SHA256 of the Diffie-Hellman secret, bound to the cluster, both parties and both announcements.</summary>
    public PairKeys(ClusterId cluster, in SessionParty self, OwnSessionKey own, in SessionParty peer, PeerSessionKey theirs)
    {
        var selfIsFirst = self.IsBefore(peer);
        Span<byte> info = stackalloc byte[Tag.Length + ClusterId.Bytes + (2 * (SessionParty.Bytes + sizeof(long) + PublicKey.Bytes))];
        var writer = new WireWriter(info);
        writer.WriteBytes(Tag);
        writer.WriteIdentifier(cluster.Value);
        if (selfIsFirst) Write(ref writer, self, own.Epoch, own.PublicKey);
        Write(ref writer, peer, theirs.Epoch, theirs.PublicKey);
        if (!selfIsFirst) Write(ref writer, self, own.Epoch, own.PublicKey);
        var secret = own.Agree(theirs.PublicKey);
        var keys = GC.AllocateUninitializedArray<byte>(2 * KeyBytes, pinned: true); // the collector leaves no copies of it behind
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, keys, salt: [], info);
        CryptographicOperations.ZeroMemory(secret);
        var ofFirst = new SessionMacKey(keys.AsMemory(0, KeyBytes));
        var ofSecond = new SessionMacKey(keys.AsMemory(KeyBytes));
        (Sending, Receiving) = selfIsFirst ? (ofFirst, ofSecond) : (ofSecond, ofFirst);
    }

    private static ReadOnlySpan<byte> Tag => "OrleansPbft/1 session keys\0"u8;

    /// <summary>The key of what this side sends.</summary>
    public SessionMacKey Sending { get; }

    /// <summary>The key of what this side receives.</summary>
    public SessionMacKey Receiving { get; }

    /// <summary>They are used no more, and gone.</summary>
    public void Zero()
    {
        Sending.Dispose();
        Receiving.Dispose();
    }

    private static void Write(ref WireWriter writer, in SessionParty party, long epoch, in PublicKey key)
    {
        Span<byte> bytes = stackalloc byte[PublicKey.Bytes];
        key.CopyTo(bytes);
        party.Write(ref writer);
        writer.WriteInt64(epoch);
        writer.WriteBytes(bytes);
    }
}
