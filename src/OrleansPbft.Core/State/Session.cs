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

    /// <summary>All that the session is now, digested, in a form that will not change.</summary>
    /// <remarks>Results are digested here and not when they are kept: many are replaced before anyone asks, and the others once.</remarks>
    public SessionImage ToImage()
    {
        var kept = new KeptReply[_kept.Length];
        var count = 0;
        for (var number = Math.Max(1, Highest - _kept.Length + 1); number <= Highest; number++)
        {
            ref var reply = ref _kept[number % _kept.Length];
            if (reply.Number != number) continue;
            if (reply.Digest is null) reply = reply with { Digest = Digest.Of(reply.Results) };
            kept[count++] = reply;
        }

        return new(Id, Client, Nonce, OpenedAt, Highest, LastUse, kept[..count]);
    }

    /// <summary>The session that <paramref name="image"/> is of.</summary>
    public static Session From(SessionImage image, int window)
    {
        var session = new Session(image.Id, image.Client, image.Nonce, image.OpenedAt, window) { Highest = image.Highest, IsDirty = false };
        foreach (ref readonly var reply in image.Kept)
        {
            session._kept[reply.Number % window] = reply;
            session._keptBytes += reply.Results?.Length ?? 0;
        }

        return session;
    }

    /// <summary>Forgets the digests it keeps, so that the next image is digested from the results as they are (rule K-3).</summary>
    public void ForgetDigests()
    {
        foreach (ref var reply in _kept.AsSpan())
        {
            if (reply.Results is not null) reply = reply with { Digest = null };
        }
    }

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
