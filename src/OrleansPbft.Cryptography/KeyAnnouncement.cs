using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>The body of a SESSION-KEY: epoch (i64) ‖ key (64 bytes) ‖ to (16 bytes) ‖ asks (u8). Whose it is, the seal says.</summary>
/// <param name="Epoch">1 or more; of one sender, the higher is the newer.</param>
/// <param name="Key">The public half of a key that lives as long as the session.</param>
/// <param name="To">The client that a replica answers; zero for all replicas.</param>
/// <param name="Asks">Whether the receiver is to say its own.</param>
internal readonly record struct KeyAnnouncement(long Epoch, PublicKey Key, ClientId To, bool Asks)
{
    /// <summary>Reads a body; false when it is none.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, out KeyAnnouncement announcement)
    {
        announcement = default;
        var reader = new WireReader(body);
        if (!reader.TryReadInt64(out var epoch) || epoch is < 1 or > WireLimits.NumberMax
            || !reader.TryReadBytes(PublicKey.Bytes, out var key)
            || !reader.TryReadIdentifier(out var to)
            || !reader.TryReadByte(out var asks) || asks > 1
            || reader.Remaining > 0) return false;
        announcement = new(epoch, new(key.Span), new(to), asks == 1);
        return true;
    }

    /// <summary>Writes the body.</summary>
    public void Write(ref WireWriter writer)
    {
        Span<byte> key = stackalloc byte[PublicKey.Bytes];
        Key.CopyTo(key);
        writer.WriteInt64(Epoch);
        writer.WriteBytes(key);
        writer.WriteIdentifier(To.Value);
        writer.WriteByte(Asks ? (byte)1 : (byte)0);
    }
}
