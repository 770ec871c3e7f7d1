using System.Buffers.Binary;

namespace OrleansPbft.Core;

/// <summary>All sessions: at most so many, the least recently used making room for the next (rule C-2; ADR 0015). Part of the replicated state.</summary>
internal sealed class SessionTable
{
    private const int HeaderBytes = 2 * sizeof(long);

    private readonly ProtocolOptions _options;
    private readonly Dictionary<SessionId, Session> _sessions = [];
    private readonly Dictionary<(ClientId Client, long Nonce), Session> _byNonce = [];
    private readonly Dictionary<ClientId, LinkedList<Session>> _byClient = []; // least recently used first
    private readonly List<Session> _dirty = [];
    private readonly List<SessionId> _evicted = [];
    private StateTree _tree = new();
    private Session? _leastRecent;
    private Session? _mostRecent;
    private long _uses;

    public SessionTable(ProtocolOptions options) => _options = options;

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

    /// <summary>Opens a session, evicting the least recently used where there is no room: of all, or of the client's own where it has half of all.</summary>
    /// <remarks>Or a client that opens one after another would take those of all others that are not in use at every moment.</remarks>
    public Session Open(RequestId id, SequenceNumber sequence)
    {
        if (_sessions.Count >= _options.SessionsMax)
        {
            var hasHalf = _byClient.TryGetValue(id.Client, out var own) && 2 * own.Count >= _options.SessionsMax;
            Evict(hasHalf ? own!.First!.Value : _leastRecent!);
        }

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

    /// <summary>All sessions as a tree, and in its header the counters that decide about the next ones. Cost follows what changed (K-2).</summary>
    public StateTree State
    {
        get
        {
            foreach (var id in _evicted) _tree.Map.Remove(SessionImage.KeyOf(id));
            foreach (var session in _dirty)
            {
                if (!_sessions.ContainsKey(session.Id)) continue; // evicted after it changed
                _tree.Map.Set(session.ToImage());
                session.IsDirty = false;
            }

            _evicted.Clear();
            _dirty.Clear();
            Span<byte> header = stackalloc byte[HeaderBytes];
            BinaryPrimitives.WriteInt64LittleEndian(header, LastOpened.Value);
            BinaryPrimitives.WriteInt64LittleEndian(header[sizeof(long)..], _uses);
            _tree.SetHeader(header);
            return _tree;
        }
    }

    /// <summary>The table whose <see cref="State"/> is <paramref name="tree"/>, which is its own from here on; null where there is none.</summary>
    public static SessionTable? From(StateTree tree, ProtocolOptions options)
    {
        if (tree.Header.Length != HeaderBytes || tree.Count > options.SessionsMax) return null;
        var table = new SessionTable(options) { LastOpened = new(BinaryPrimitives.ReadInt64LittleEndian(tree.Header)) };
        var images = tree.Map.LeavesAt(0, default).Cast<SessionImage>().OrderBy(static image => image.LastUse);
        foreach (var image in images)
        {
            if (image.LastUse <= table._uses || image.Id.Value > table.LastOpened.Value) return null;
            var session = Session.From(image, options.SessionWindow);
            if (!table._byNonce.TryAdd((image.Client, image.Nonce), session)) return null;
            table._sessions.Add(session.Id, session);
            table._uses = image.LastUse - 1; // where it stood when the session was used last
            table.Append(session);
        }

        var uses = BinaryPrimitives.ReadInt64LittleEndian(tree.Header[sizeof(long)..]);
        if (uses < table._uses) return null;
        table._uses = uses;
        table._tree = tree;
        return table;
    }

    /// <summary>Forgets every digest kept, so that <see cref="State"/> is taken from the sessions as they are (rule K-3).</summary>
    public void Rehash()
    {
        _tree = new();
        _dirty.Clear();
        for (var session = _leastRecent; session is not null; session = session.Newer)
        {
            session.ForgetDigests();
            session.IsDirty = true;
            _dirty.Add(session);
        }
    }

    private void Evict(Session session)
    {
        Unlink(session);
        _sessions.Remove(session.Id);
        _byNonce.Remove((session.Client, session.Nonce));
        if (_byClient[session.Client].Count == 0) _byClient.Remove(session.Client);
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
        if (!_byClient.TryGetValue(session.Client, out var own)) _byClient.Add(session.Client, own = []);
        own.AddLast(session.PlaceOfClient);
    }

    private void Unlink(Session session)
    {
        if (session.Older is null) _leastRecent = session.Newer;
        else session.Older.Newer = session.Newer;
        if (session.Newer is null) _mostRecent = session.Older;
        else session.Newer.Older = session.Older;
        session.Older = session.Newer = null;
        _byClient[session.Client].Remove(session.PlaceOfClient);
    }
}
