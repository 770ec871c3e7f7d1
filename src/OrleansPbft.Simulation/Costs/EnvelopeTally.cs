using System.Buffers.Binary;
using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Costs;

/// <summary>Counts what is sent from one node to another, by kind: messages, bytes, signatures and MACs. Not thread-safe.</summary>
/// <remarks>
/// It reads the envelopes that travel, and asks nobody what they are. A signature is made once and may be under many envelopes: those of a
/// broadcast, the replies of a batch, a request that is passed on. It counts where it is seen first, and all that were seen are remembered, so a
/// tally is for a measurement and not for a server. Messages that share a PACK count by their kinds; what the PACK itself takes is its own.
/// </remarks>
/// <param name="limits">The cluster's.</param>
/// <param name="signaturesExpected">How many signatures to have room for from the start.</param>
public sealed class EnvelopeTally(WireLimits limits, int signaturesExpected = 0)
{
    private readonly KindCost[] _kinds = new KindCost[byte.MaxValue + 1]; // by kind; counting allocates nothing
    private readonly HashSet<UInt128> _signatures = new(signaturesExpected); // by their first halves, of which none comes twice

    /// <summary>How many envelopes were sent; fewer than messages where some shared a PACK.</summary>
    public long Envelopes { get; private set; }

    /// <summary>What was sent in all.</summary>
    public KindCost Total => KindCost.Sum(_kinds);

    /// <summary>What was sent so far, by kind; kinds of which there was nothing are left out.</summary>
    public IReadOnlyDictionary<MessageKind, KindCost> Snapshot()
    {
        var kinds = new SortedDictionary<MessageKind, KindCost>();
        for (var i = 0; i < _kinds.Length; i++)
        {
            if (_kinds[i] != default) kinds.Add((MessageKind)i, _kinds[i]);
        }

        return kinds;
    }

    /// <summary>Counts one envelope on its way to one receiver.</summary>
    /// <exception cref="ArgumentException">It can not be read.</exception>
    public void Add(ReadOnlyMemory<byte> envelope)
    {
        var reason = EnvelopeFrame.TryRead(envelope, limits, out var frame);
        if (reason != RejectReason.None) throw new ArgumentException($"What was sent can not be read: {reason}.", nameof(envelope));
        Envelopes++;
        var (signatures, macs) = SealsOf(frame);
        if (frame.Kind == MessageKind.Pack) Count(frame.Kind, new(0, envelope.Length - CountPacked(frame.Body.Span), signatures, macs));
        else Count(frame.Kind, new(1, envelope.Length, signatures, macs));
    }

    /// <summary>Begins to count anew. Signatures that were seen stay known.</summary>
    public void Clear()
    {
        Array.Clear(_kinds);
        Envelopes = 0;
    }

    private (long Signatures, long Macs) SealsOf(in EnvelopeFrame frame) => frame.SealType switch
    {
        SealType.None => (0, 0),
        SealType.Mac => (0, 1),
        _ => _signatures.Add(BinaryPrimitives.ReadUInt128LittleEndian(frame.Signature.Span)) ? (1, MacsBeside(frame.Macs.Span)) : (0, 0),
    };

    /// <summary>A client makes a MAC for each replica with which it has a session; the others' are zero.</summary>
    private static long MacsBeside(ReadOnlySpan<byte> macs)
    {
        var made = 0;
        for (; macs.Length > 0; macs = macs[EnvelopeEncoding.MacBytes..])
        {
            if (macs[..EnvelopeEncoding.MacBytes].ContainsAnyExcept((byte)0)) made++;
        }

        return made;
    }

    /// <summary>Counts the messages of a PACK, and says how many bytes are theirs.</summary>
    private int CountPacked(ReadOnlySpan<byte> body)
    {
        var entries = body[EnvelopeEncoding.PackHeaderBytes..];
        var bytes = entries.Length;
        while (entries.Length > 0)
        {
            var taken = EnvelopeEncoding.PackEntryHeaderBytes + (int)BinaryPrimitives.ReadUInt32LittleEndian(entries[sizeof(byte)..]);
            Count((MessageKind)entries[0], new(1, taken, 0, 0));
            entries = entries[taken..];
        }

        return bytes;
    }

    private void Count(MessageKind kind, KindCost cost) => _kinds[(byte)kind] += cost;
}
