using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>Sessions and store as the rules describe them (C-2, C-3, DESIGN 7), in the plainest data structures there are.</summary>
internal sealed class HistoryModel(int sessionsMax, int window)
{
    private readonly List<ModelSession> _sessions = []; // least recently used first
    private readonly HashSet<(RequestId Request, SessionId Session, long Sequence)> _openings = [];
    private readonly Dictionary<RequestId, (long Sequence, IReadOnlyList<ModelResult> Results)> _outcomes = [];
    private readonly HashSet<SessionId> _evicted = [];
    private readonly ModelStore _store = new();
    private long _opened;

    /// <summary>Whether the request opened this session there. One that is ordered again after its session's eviction opens another.</summary>
    public bool Opened(RequestId request, SessionId session, long sequence) => _openings.Contains((request, session, sequence));

    public (long Sequence, IReadOnlyList<ModelResult> Results)? OutcomeOf(RequestId request) =>
        _outcomes.TryGetValue(request, out var outcome) ? outcome : null;

    public bool WasEvicted(SessionId session) => _evicted.Contains(session);

    /// <summary>What the store holds now.</summary>
    public ModelResult Read(string key) => _store.Apply(Workload.Encode(new(WorkloadOperationKind.Get, key)));

    public void Execute(long sequence, Batch batch)
    {
        foreach (var request in batch.Requests)
        {
            if (request.OpensSession) Open(sequence, request.Id);
            else Execute(sequence, request);
        }
    }

    private void Open(long sequence, RequestId request)
    {
        if (_sessions.Exists(session => session.OpenedBy == request)) return;
        if (_sessions.Count == sessionsMax)
        {
            var own = _sessions.FindAll(session => session.OpenedBy.Client == request.Client);
            var evicted = 2 * own.Count >= sessionsMax ? own[0] : _sessions[0];
            _evicted.Add(evicted.Id);
            _sessions.Remove(evicted);
        }

        var id = new SessionId(++_opened);
        _sessions.Add(new(id, request));
        _openings.Add((request, id, sequence));
    }

    private void Execute(long sequence, Request request)
    {
        var session = _sessions.Find(candidate => candidate.Id == request.Id.Session && candidate.OpenedBy.Client == request.Id.Client);
        if (session is null || session.Executed.Contains(request.Id.Number)) return;

        var highest = session.Executed.Count == 0 ? 0 : session.Executed.Max();
        if (request.Id.Number <= highest - window || request.Id.Number > highest + window) return;

        session.Executed.Add(request.Id.Number);
        _sessions.Remove(session);
        _sessions.Add(session);
        _outcomes.Add(request.Id, (sequence, [.. request.Operations.Select(operation => _store.Apply(operation.Span))]));
    }

    private sealed class ModelSession(SessionId id, RequestId openedBy)
    {
        public SessionId Id { get; } = id;

        public RequestId OpenedBy { get; } = openedBy;

        public SortedSet<long> Executed { get; } = [];
    }
}
