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

/// <summary>What is kept of an executed request. It never changes, so that images of its session share it.</summary>
/// <param name="number">Its number in the session.</param>
/// <param name="sequence">Where it was executed.</param>
/// <param name="results">Its encoded results; null when they were dropped to save room.</param>
internal sealed class KeptReply(long number, SequenceNumber sequence, byte[]? results)
{
    private Digest? _digest;

    public long Number => number;

    public SequenceNumber Sequence => sequence;

    public byte[]? Results => results;

    /// <summary>The digest of the results, zero where they were dropped; computed when it is first asked for, and kept.</summary>
    public Digest Digest => _digest ??= results is null ? Digest.Zero : Digest.Of(results);

    /// <summary>The same without results.</summary>
    public KeptReply WithoutResults() => new(number, sequence, results: null);

    /// <summary>The same without a digest that was taken before.</summary>
    public KeptReply WithoutDigest() => new(number, sequence, results);
}

/// <summary>One session: its owner, its window of executed requests, their results. Part of the replicated state (rules C-2, C-3).</summary>
internal sealed class Session
{
    private readonly KeptReply?[] _kept;
    private int _keptBytes;

    public Session(SessionId id, ClientId client, long nonce, SequenceNumber openedAt, int window)
    {
        Id = id;
        Client = client;
        Nonce = nonce;
        OpenedAt = openedAt;
        _kept = new KeptReply[window];
        PlaceOfClient = new(this);
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

    /// <summary>Its place in the same order among those of its client.</summary>
    public LinkedListNode<Session> PlaceOfClient { get; }

    /// <summary>How many times sessions had been used before this one's last use: what orders them for eviction.</summary>
    public long LastUse { get; set; }

    public RequestState StateOf(long number)
    {
        // Subtractions, not sums: a number near the largest must not wrap round into the window.
        if (number <= Highest - _kept.Length) return RequestState.BelowWindow;
        if (number > Highest) return number - Highest > _kept.Length ? RequestState.AboveWindow : RequestState.New;
        return _kept[number % _kept.Length]?.Number == number ? RequestState.Executed : RequestState.New;
    }

    /// <summary>The reply kept for an executed number.</summary>
    public KeptReply ReplyOf(long number) => _kept[number % _kept.Length]!;

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

        _kept[number % _kept.Length] = new(number, sequence, results);
        _keptBytes += results.Length;
        DropOldest(bytesMax, except: number);
        IsDirty = true;
    }

    /// <summary>All that the session is now, digested, in a form that will not change.</summary>
    /// <remarks>Results are digested here and not when they are kept: many are replaced before anyone asks, and the others once.</remarks>
    public SessionImage ToImage()
    {
        var count = 0;
        foreach (var reply in _kept) count += reply is null ? 0 : 1;
        var kept = new KeptReply[count];
        for (var number = Highest; count > 0; number--)
        {
            if (_kept[number % _kept.Length] is { } reply) kept[--count] = reply; // all there are, are in the window: see Keep
        }

        return new(Id, Client, Nonce, OpenedAt, Highest, LastUse, kept);
    }

    /// <summary>The session that <paramref name="image"/> is of.</summary>
    public static Session From(SessionImage image, int window)
    {
        var session = new Session(image.Id, image.Client, image.Nonce, image.OpenedAt, window) { Highest = image.Highest, IsDirty = false };
        foreach (var reply in image.Kept)
        {
            session._kept[reply.Number % window] = reply;
            session._keptBytes += reply.Results?.Length ?? 0;
        }

        return session;
    }

    /// <summary>Forgets the digests it keeps, so that the next image is digested from the results as they are (rule K-3).</summary>
    public void ForgetDigests()
    {
        foreach (ref var reply in _kept.AsSpan()) reply = reply?.WithoutDigest();
    }

    private void Forget(long index)
    {
        _keptBytes -= _kept[index]?.Results?.Length ?? 0;
        _kept[index] = null;
    }

    private void DropOldest(int bytesMax, long except)
    {
        for (var number = Math.Max(1, Highest - _kept.Length + 1); _keptBytes > bytesMax && number <= Highest; number++)
        {
            ref var kept = ref _kept[number % _kept.Length];
            if (kept?.Number != number || number == except || kept.Results is not { } results) continue;
            _keptBytes -= results.Length;
            kept = kept.WithoutResults();
        }
    }
}
