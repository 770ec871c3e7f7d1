using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>A request whose MACs are good for some replicas and bad for others (LESSONS B47).</summary>
internal static class SpoiledRequest
{
    private const int SealFixedBytes = EnvelopeEncoding.SignatureBytes + sizeof(long) + sizeof(byte); // between the seal's type and the first MAC

    /// <summary>Whether a client's envelope has MACs.</summary>
    public static bool HasMacs(ReadOnlySpan<byte> envelope) => envelope[SealedPart.BytesOf(envelope)] == (byte)SealType.SignatureAndMacs;

    /// <summary>The envelope with bad MACs for the replicas whose bit is not set, and with a bad signature or not.</summary>
    public static byte[] Of(ReadOnlySpan<byte> envelope, ulong good, bool spoilSignature)
    {
        var spoiled = envelope.ToArray();
        var seal = SealedPart.BytesOf(envelope);
        if (spoilSignature) spoiled[seal + EnvelopeEncoding.SignatureBytes] ^= 1; // its last byte
        for (var (at, i) = (seal + 1 + SealFixedBytes, 0); at < spoiled.Length; at += EnvelopeEncoding.MacBytes, i++)
        {
            if ((good >> i & 1) == 0) spoiled[at] ^= 1;
        }

        return spoiled;
    }
}
