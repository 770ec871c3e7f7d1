using System.Buffers.Binary;
using System.Text;

namespace OrleansPbft.Core;

/// <summary>All that replicas must agree on: the service, the sessions with their replies, the agreed time. Executes batches.</summary>
/// <remarks>One replica owns it and calls it from its step, so execution is part of the state machine (ADR 0001). Not thread-safe.</remarks>
public sealed class ReplicatedState
{
    private readonly ProtocolOptions _options;
    private readonly IStateMachine _service;
    private SessionTable _sessions;
    private readonly OperationResultsBuilder _results = new();

    /// <summary>Starts empty, before the first batch.</summary>
    public ReplicatedState(ProtocolOptions options, ClusterId cluster, IStateMachine service)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(service);
        _options = options;
        _service = service;
        _sessions = new(options);
        Configuration = DigestOf(options, cluster, service);
    }

    /// <summary>The last sequence number executed.</summary>
    public SequenceNumber LastExecuted { get; private set; }

    /// <summary>The agreed time of the last batch that had requests.</summary>
    public Instant LastTimestamp { get; private set; }

    /// <summary>How many sessions there are.</summary>
    public int Sessions => _sessions.Count;

    /// <summary>The service, for queries.</summary>
    public IStateMachine Service => _service;

    /// <summary>The digest of service state, sessions, agreed time and configuration. Its cost follows what changed since the last (K-2).</summary>
    public Digest ComputeDigest() => ComputeHeader().ComputeDigest(Configuration, LastExecuted);

    /// <summary>The state as it is now, for others to fetch (rule ST-1): call it where a checkpoint is taken.</summary>
    /// <remarks>It shares with the state what does not change after it, so it costs what changed since the last and what changes next.</remarks>
    public StateSnapshot TakeSnapshot() => new(LastExecuted, ComputeDigest(), ComputeHeader(), _service.State.Fork(), _sessions.State.Fork());

    /// <summary>Becomes the state that <paramref name="download"/> fetched: service, sessions, agreed time and last executed at once.</summary>
    /// <returns>
    /// Whether it did; if not, nothing changed. Everything is digested once more before: where a part that had been taken from the local
    /// state turns out to be damaged, the download is no longer complete, and wants that part as well (rule K-3). A download that is
    /// complete and yet can not be restored is of a state that this service or these options can not have.
    /// </returns>
    public bool Restore(StateDownload download)
    {
        ArgumentNullException.ThrowIfNull(download);
        return download.Verify(out var header) && Become(header, download.Service, download.Sessions, download.Sequence, download.Digest);
    }

    /// <summary>Becomes the state of a snapshot of this cluster; false, and unchanged, where it is not what its digest says.</summary>
    internal bool RestoreSnapshot(StateSnapshot snapshot) =>
        snapshot.Header.ComputeDigest(Configuration, snapshot.Sequence) == snapshot.Digest
        && Become(snapshot.Header, snapshot.Service, snapshot.Sessions, snapshot.Sequence, snapshot.Digest);

    /// <summary>Forgets every digest kept, so that the next is taken of the bytes as they are now (rule K-3). Costs the whole state.</summary>
    /// <remarks>A replica whose digest is not its peers' calls it before it compares: what rotted in memory has the digest it once had.</remarks>
    public void Rehash()
    {
        _service.Rehash();
        _sessions.Rehash();
    }

    /// <summary>The digest of what must be equal everywhere and is not part of the state.</summary>
    internal Digest Configuration { get; }

    internal ProtocolOptions Options => _options;

    /// <summary>The sessions as a tree.</summary>
    internal StateTree SessionState => _sessions.State;

    /// <summary>The reply to a request that needs no execution (any more); null for one that may be executed.</summary>
    /// <remarks>Only answers that stay true are given here: a lagging replica never says "unknown" of what it has yet to learn.</remarks>
    internal Reply? Answer(Request request, View view, ReplicaId self)
    {
        var session = _sessions.Find(request.Id);
        if (session is null)
        {
            return _sessions.IsGone(request.Id) ? Refusal(request, ReplyStatus.SessionUnknown, view, self) : null;
        }

        if (request.OpensSession) return Opened(request, session, view, self);
        return session.StateOf(request.Id.Number) switch
        {
            RequestState.Executed => Kept(request, session, view, self),
            RequestState.BelowWindow => Refusal(request, ReplyStatus.BelowWindow, view, self),
            _ => null,
        };
    }

    /// <summary>Executes the batch at n = last executed + 1, each of its requests at most once, and replies to all of them.</summary>
    internal void Execute(SequenceNumber sequence, Batch batch, View view, ReplicaId self, Outbox outbox)
    {
        if (sequence != LastExecuted.Next)
        {
            throw new InvalidOperationException($"Batch {sequence} can not follow {LastExecuted} (rule ST-3).");
        }

        LastExecuted = sequence;
        if (batch.Requests.IsEmpty) return;

        // A primary's clock may stand still or run backwards; the agreed time does neither (S-1).
        var next = new Instant(LastTimestamp.Microseconds + 1);
        LastTimestamp = batch.Timestamp > next ? batch.Timestamp : next;

        var position = 0;
        foreach (var request in batch.Requests)
        {
            outbox.Add(Effect.Answer(Execute(sequence, batch, request, position, view, self)));
            position += request.Operations.Length;
        }
    }

    /// <summary>The results of a read's operations, all of the state after <see cref="LastExecuted"/> (rule C-7).</summary>
    internal byte[] Query(Read read)
    {
        _results.Start(read.Operations.Length, _options.ResultBytesMax);
        foreach (var operation in read.Operations) Run(operation.Span, default, isRead: true);
        return _results.ToArray();
    }

    private Reply Execute(SequenceNumber sequence, Batch batch, Request request, int position, View view, ReplicaId self)
    {
        var session = _sessions.Find(request.Id);
        if (request.OpensSession) return Opened(request, session ?? _sessions.Open(request.Id, sequence), view, self);
        if (session is null) return Refusal(request, ReplyStatus.SessionUnknown, view, self);

        switch (session.StateOf(request.Id.Number))
        {
            case RequestState.Executed: return Kept(request, session, view, self);
            case RequestState.BelowWindow: return Refusal(request, ReplyStatus.BelowWindow, view, self);
            case RequestState.AboveWindow: return Refusal(request, ReplyStatus.AboveWindow, view, self);
        }

        _results.Start(request.Operations.Length, _options.ResultBytesMax);
        foreach (var operation in request.Operations)
        {
            Run(operation.Span, new(request.Id.Client, LastTimestamp, sequence, position, SeedOf(batch.Digest, position)), isRead: false);
            position++;
        }

        var results = _results.ToArray();
        _sessions.Keep(session, request.Id.Number, sequence, results);
        return Reply.To(request, view, session.Id, sequence, ReplyStatus.Executed, results, self);
    }

    private bool Become(in StateHeader header, StateTree service, StateTree sessionState, SequenceNumber sequence, in Digest digest)
    {
        if (SessionTable.From(sessionState.Fork(), _options) is not { } sessions) return false;

        var before = _service.State.Fork();
        if (!_service.Restore(service.Fork())) return false;
        var restored = new StateHeader(header.Timestamp, StateHeader.Tree.Of(_service.State), StateHeader.Tree.Of(sessions.State));
        if (restored.ComputeDigest(Configuration, sequence) != digest)
        {
            _service.Restore(before);
            return false;
        }

        _sessions = sessions;
        LastExecuted = sequence;
        LastTimestamp = header.Timestamp;
        return true;
    }

    private StateHeader ComputeHeader() => new(LastTimestamp, StateHeader.Tree.Of(_service.State), StateHeader.Tree.Of(_sessions.State));

    private void Run(ReadOnlySpan<byte> operation, in OperationContext context, bool isRead)
    {
        _results.StartResult();
        try
        {
            if (isRead) _service.Query(operation, _results);
            else _service.Apply(operation, context, _results);
            _results.EndResult(OperationStatus.Done);
        }
        catch (OperationRejectedException rejection)
        {
            _results.EndResult(OperationStatus.Rejected, Encoding.UTF8.GetBytes(rejection.Message));
        }
        catch (ResultTooLargeException)
        {
            _results.EndResult(OperationStatus.ResultTooLarge, default);
        }
        catch (Exception failure) when (failure is not (OutOfMemoryException or InsufficientExecutionStackException))
        {
            // Every replica runs the same code on the same state, so every replica comes here; what the exception says may
            // differ between runtimes, so none of it is in the result (S-3). Running out of memory is this machine's own
            // trouble: it must stop this replica, not make it answer differently from the others.
            _results.EndResult(OperationStatus.Failed, default);
        }
    }

    private static Reply Opened(Request request, Session session, View view, ReplicaId self) =>
        Reply.To(request, view, session.Id, session.OpenedAt, ReplyStatus.SessionOpened, default, self);

    private static Reply Kept(Request request, Session session, View view, ReplicaId self)
    {
        var kept = session.ReplyOf(request.Id.Number);
        return Reply.To(
            request, view, session.Id, kept.Sequence, kept.Results is null ? ReplyStatus.ResultDropped : ReplyStatus.Executed, kept.Results, self);
    }

    private static Reply Refusal(Request request, ReplyStatus status, View view, ReplicaId self) =>
        Reply.To(request, view, request.Id.Session, SequenceNumber.Zero, status, default, self);

    private static ulong SeedOf(Digest batch, int position)
    {
        // SplitMix64's finaliser over the batch's digest and the operation's place in it.
        Span<byte> bytes = stackalloc byte[Digest.Bytes];
        batch.CopyTo(bytes);
        var z = BinaryPrimitives.ReadUInt64LittleEndian(bytes) + ((ulong)(position + 1) * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static Digest DigestOf(ProtocolOptions options, ClusterId cluster, IStateMachine service)
    {
        // What changes how a batch executes must be equal everywhere; a replica configured otherwise shows at the first checkpoint.
        var text = string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"OrleansPbft/1 configuration\0{cluster}\0{options.Cluster.Replicas}\0{options.CheckpointInterval}\0{options.SessionsMax}"
            + $"\0{options.SessionWindow}\0{options.SessionReplyBytesMax}\0{options.ResultBytesMax}\0{service.Name}");
        return Digest.Of(Encoding.UTF8.GetBytes(text));
    }
}
