using OrleansPbft.Core;

namespace OrleansPbft.Faults;

/// <summary>How true things are made false: always the same falsehood of the same truth, so that liars agree with each other.</summary>
public static class Falsehood
{
    /// <summary>A digest that is not <paramref name="truth"/>.</summary>
    /// <param name="truth">The right one.</param>
    /// <param name="variant">Which of the false ones; different ones for different numbers of 0 to 127.</param>
    public static Digest Of(Digest truth, int variant = 0)
    {
        Span<byte> bytes = stackalloc byte[Digest.Bytes];
        truth.CopyTo(bytes);
        bytes[0] ^= 1;
        bytes[1] ^= (byte)variant;
        return new(bytes);
    }

    /// <summary>Results that are not <paramref name="truth"/> and decode as often as not.</summary>
    /// <param name="truth">The right ones.</param>
    /// <param name="variant">Which of the false ones; different ones for different numbers of 0 to 254.</param>
    public static byte[] Of(ReadOnlyMemory<byte> truth, int variant = 0)
    {
        if (truth.IsEmpty) return [(byte)(variant + 1)];
        var bytes = truth.ToArray();
        bytes[^1] ^= (byte)(variant + 1);
        return bytes;
    }

    /// <summary>A reply to a read with other results.</summary>
    public static ReadReply With(this ReadReply reply, ReadOnlyMemory<byte> results)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return new(reply.View, reply.Client, reply.Number, reply.Executed, reply.Prepared, reply.Status, results, reply.Sender);
    }

    /// <summary>A reply to a read that says to be of another age.</summary>
    public static ReadReply At(this ReadReply reply, SequenceNumber executed, SequenceNumber prepared)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return new(reply.View, reply.Client, reply.Number, executed, prepared, reply.Status, reply.Results, reply.Sender);
    }

    /// <summary>A reply with other results.</summary>
    public static Reply With(this Reply reply, ReadOnlyMemory<byte> results)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return new(reply.View, reply.Request, reply.Session, reply.Sequence, reply.Status, results, reply.Sender);
    }
}
