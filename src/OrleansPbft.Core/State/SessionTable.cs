using System.Buffers.Binary;

namespace OrleansPbft.Core;

/// <summary>All sessions: at most so many, the least recently used making room for the next (rule C-2). Part of the replicated state.</summary>
internal sealed class SessionTable
{
    private readonly ProtocolOptions _options;
    private readonly Dictionary<SessionId, Session> _sessions = [];
    private readonly Dictionary<(ClientId Client, long Nonce), Session> _byNonce = [];
    private readonly List<Session> _dirty = [];
    private readonly List<SessionId> _evicted = [];
    private readonly MerkleMap _digests = new();
    private readonly byte[] _scratch;
    private Session? _leastRecent;
    private Session? _mostRecent;
    private long _uses;

    public SessionTable(ProtocolOptions options)
    {
        _options = options;
        _scratch = new byte[Session.EncodingBytesMax(options.SessionWindow)];
    }

    /// <summary>The number of the session last opened; numbers are never used again.</summary>
    public SessionId LastOpened { get; private set; } = SessionId.None;

    public int Count => _sessions.Count;

    /// <summary>The session <paramref name="id"/> names, when it is its client's; else null.</summary>
    public Session? Find(RequestId id)
    {
        if (id.Session == SessionId.None) return _byNonce.GetValueOrDefault((id.Client, id.Number));
        return _sessions.TryGetValue(id.Session, out var session) && session.Client == id.Client ? session : null;
    }

    /// <summary>Whether <paramref name="id"/> names a session that will never be its client's: evicted, or another's.</summary>
    public bool IsGone(RequestId id) => id.Session != SessionId.None && id.Session.Value <= LastOpened.Value && Find(id) is null;

    /// <summary>Opens a session, evicting the least recently used where there is no room.</summary>
    public Session Open(RequestId id, SequenceNumber sequence)
    {
        if (_sessions.Count >= _options.SessionsMax) Evict(_leastRecent!);

        LastOpened = new(LastOpened.Value + 1);
        var session = new Session(LastOpened, id.Client, id.Number, sequence, _options.SessionWindow);
        _sessions.Add(session.Id, session);
        _byNonce.Add((id.Client, id.Number), session);
        _dirty.Add(session);
        Append(session);
        return session;
    }

    /// <summary>Keeps the results of an executed request; the session becomes the most recently used.</summary>
    public void Keep(Session session, long number, SequenceNumber sequence, byte[] results)
    {
        if (!session.IsDirty) _dirty.Add(session);
        session.Keep(number, sequence, results, _options.SessionReplyBytesMax);
        Unlink(session);
        Append(session);
    }

    /// <summary>The root over all sessions and the counters that decide about the next ones. Cost follows what changed (K-2).</summary>
    public Digest ComputeRoot()
    {
        Span<byte> key = stackalloc byte[sizeof(long)];
        foreach (var id in _evicted)
        {
            BinaryPrimitives.WriteInt64BigEndian(key, id.Value);
            _digests.Remove(key);
        }

        foreach (var session in _dirty)
        {
            if (!_sessions.ContainsKey(session.Id)) continue; // evicted after it changed
            BinaryPrimitives.WriteInt64BigEndian(key, session.Id.Value);
            _digests.Set(key, session.ComputeDigest(_scratch));
            session.IsDirty = false;
        }

        _evicted.Clear();
        _dirty.Clear();

        Span<byte> root = stackalloc byte[Digest.Bytes + (2 * sizeof(long))];
        _digests.Root.CopyTo(root);
        BinaryPrimitives.WriteInt64LittleEndian(root[Digest.Bytes..], LastOpened.Value);
        BinaryPrimitives.WriteInt64LittleEndian(root[(Digest.Bytes + sizeof(long))..], _uses);
        return Digest.Of(root);
    }

    private void Evict(Session session)
    {
        Unlink(session);
        _sessions.Remove(session.Id);
        _byNonce.Remove((session.Client, session.Nonce));
        _evicted.Add(session.Id);
    }

    private void Append(Session session)
    {
        session.LastUse = ++_uses;
        session.Older = _mostRecent;
        session.Newer = null;
        if (_mostRecent is null) _leastRecent = session;
        else _mostRecent.Newer = session;
        _mostRecent = session;
    }

    private void Unlink(Session session)
    {
        if (session.Older is null) _leastRecent = session.Newer;
        else session.Older.Newer = session.Newer;
        if (session.Newer is null) _mostRecent = session.Older;
        else session.Newer.Older = session.Older;
        session.Older = session.Newer = null;
    }
}
