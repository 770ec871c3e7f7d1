using System.Buffers.Binary;

namespace OrleansPbft.Core;

/// <summary>What a session says of one request number.</summary>
internal enum RequestState
{
    /// <summary>Not executed, and it may be.</summary>
    New,

    /// <summary>Executed; the reply is kept.</summary>
    Executed,

    /// <summary>Below the window: long executed or never to be.</summary>
    BelowWindow,

    /// <summary>Beyond the window.</summary>
    AboveWindow,
}

/// <summary>What is kept of an executed request.</summary>
/// <param name="Number">Its number in the session.</param>
/// <param name="Sequence">Where it was executed.</param>
/// <param name="Results">Its encoded results; null when they were dropped to save room.</param>
/// <param name="Digest">The digest of the results; null until it is asked for, zero when they were dropped.</param>
internal readonly record struct KeptReply(long Number, SequenceNumber Sequence, byte[]? Results, Digest? Digest);

/// <summary>One session: its owner, its window of executed requests, their results. Part of the replicated state (rules C-2, C-3).</summary>
internal sealed class Session
{
    private const int EntryBytes = (2 * sizeof(long)) + sizeof(byte) + Digest.Bytes;

    private readonly KeptReply[] _kept;
    private int _keptBytes;

    public Session(SessionId id, ClientId client, long nonce, SequenceNumber openedAt, int window)
    {
        Id = id;
        Client = client;
        Nonce = nonce;
        OpenedAt = openedAt;
        _kept = new KeptReply[window];
    }

    public SessionId Id { get; }

    public ClientId Client { get; }

    /// <summary>The number of the request that opened it: what makes opening it again the same opening.</summary>
    public long Nonce { get; }

    public SequenceNumber OpenedAt { get; }

    /// <summary>The highest number executed; the window is the W numbers up to it, and it may move up by W at a time.</summary>
    public long Highest { get; private set; }

    /// <summary>Whether it changed since its digest was last taken.</summary>
    public bool IsDirty { get; set; } = true;

    /// <summary>Neighbours in the order of use, least recent first.</summary>
    public Session? Older { get; set; }

    /// <inheritdoc cref="Older"/>
    public Session? Newer { get; set; }

    /// <summary>How many times sessions had been used before this one's last use: what orders them for eviction.</summary>
    public long LastUse { get; set; }

    public RequestState StateOf(long number)
    {
        // Subtractions, not sums: a number near the largest must not wrap round into the window.
        if (number <= Highest - _kept.Length) return RequestState.BelowWindow;
        if (number > Highest) return number - Highest > _kept.Length ? RequestState.AboveWindow : RequestState.New;
        return _kept[number % _kept.Length].Number == number ? RequestState.Executed : RequestState.New;
    }

    /// <summary>The reply kept for an executed number.</summary>
    public KeptReply ReplyOf(long number) => _kept[number % _kept.Length];

    /// <summary>Takes <paramref name="number"/> as executed and keeps its results, dropping the oldest beyond <paramref name="bytesMax"/>.</summary>
    public void Keep(long number, SequenceNumber sequence, byte[] results, int bytesMax)
    {
        if (number > Highest)
        {
            // Numbers that the window leaves behind are forgotten at once: what is kept must follow from what was executed alone.
            var from = Math.Max(Highest + 1, number - _kept.Length + 1);
            for (var skipped = from; skipped <= number; skipped++) Forget(skipped % _kept.Length);
            Highest = number;
        }

        _kept[number % _kept.Length] = new(number, sequence, results, Digest: null);
        _keptBytes += results.Length;
        DropOldest(bytesMax, except: number);
        IsDirty = true;
    }

    /// <summary>How many bytes <see cref="ComputeDigest"/> needs for a session with a window of <paramref name="window"/>.</summary>
    public static int EncodingBytesMax(int window) => Domain.Length + ClientId.Bytes + (5 * sizeof(long)) + (window * EntryBytes);

    /// <summary>The digest of all that a session is, over its canonical encoding, which is written to <paramref name="scratch"/>.</summary>
    /// <remarks>Results are digested here and not when they are kept: many are replaced before anyone asks, and the others once.</remarks>
    public Digest ComputeDigest(Span<byte> scratch)
    {
        Domain.CopyTo(scratch);
        var head = scratch[Domain.Length..];
        BinaryPrimitives.WriteInt64LittleEndian(head, Id.Value);
        BinaryPrimitives.WriteUInt128LittleEndian(head[8..], Client.Value);
        BinaryPrimitives.WriteInt64LittleEndian(head[24..], Nonce);
        BinaryPrimitives.WriteInt64LittleEndian(head[32..], OpenedAt.Value);
        BinaryPrimitives.WriteInt64LittleEndian(head[40..], Highest);
        BinaryPrimitives.WriteInt64LittleEndian(head[48..], LastUse);
        var length = Domain.Length + ClientId.Bytes + (5 * sizeof(long));

        for (var number = Math.Max(1, Highest - _kept.Length + 1); number <= Highest; number++)
        {
            ref var kept = ref _kept[number % _kept.Length];
            if (kept.Number != number) continue;
            var results = kept.Digest ?? Digest.Of(kept.Results);
            kept = kept with { Digest = results };

            var entry = scratch.Slice(length, EntryBytes);
            BinaryPrimitives.WriteInt64LittleEndian(entry, kept.Number);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], kept.Sequence.Value);
            entry[16] = kept.Results is null ? (byte)0 : (byte)1;
            results.CopyTo(entry[17..]);
            length += EntryBytes;
        }

        return Digest.Of(scratch[..length]);
    }

    private static ReadOnlySpan<byte> Domain => "OrleansPbft/1 session\0"u8;

    private void Forget(long index)
    {
        _keptBytes -= _kept[index].Results?.Length ?? 0;
        _kept[index] = default;
    }

    private void DropOldest(int bytesMax, long except)
    {
        for (var number = Math.Max(1, Highest - _kept.Length + 1); _keptBytes > bytesMax && number <= Highest; number++)
        {
            ref var kept = ref _kept[number % _kept.Length];
            if (kept.Number != number || number == except || kept.Results is not { } results) continue;
            _keptBytes -= results.Length;
            kept = kept with { Results = null, Digest = Digest.Zero };
        }
    }
}
