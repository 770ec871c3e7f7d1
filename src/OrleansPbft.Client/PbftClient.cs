using System.Diagnostics;
using System.Security.Cryptography;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Client;

/// <summary>A true client of a cluster: it has its own key, talks to all replicas, and believes what f + 1 of them say equally (rule C-4).</summary>
/// <remarks>
/// The shell of a <see cref="ClientSession"/>, which takes every decision of the protocol. Up to the session's window of requests are in
/// flight; more wait, first come, first served. A request is sent again until it is answered or its time is up, over as many connections as that
/// takes, and is executed once: the session and its number stay the same, and a cluster that keeps its state knows them after a restart. When a session
/// is lost, a new one is opened for new requests. Thread-safe; it holds no thread.
/// </remarks>
public sealed partial class PbftClient : IPbftClient, IAsyncDisposable
{
    private readonly PbftClientOptions _options;
    private readonly ClientSessionOptions _sessionOptions;
    private readonly IClusterTransport _transport;
    private readonly KeyPair _keyPair;
    private readonly ClientMailboxes _mailboxes;
    private readonly ClientMailbox _mailbox; // of all clients with this one's key
    private readonly ClientSealer _sealer;
    private readonly ClientClock _clock;
    private readonly ITimer _timer;

    private readonly Lock _gate = new();
    private readonly LinkedList<PendingBundle> _waiting = new(); // gate, as all below
    private readonly List<SessionInUse> _draining = [];
    private readonly List<ClientEffect> _effects = [];
    private SessionInUse? _session;
    private Instant _armedAt = Instant.Never;
    private bool _isDisposed;

    /// <summary>Makes a client. It opens its session with the first request.</summary>
    /// <param name="cluster">Which cluster it talks to.</param>
    /// <param name="keyPair">Who it is. Not disposed with the client.</param>
    /// <param name="transport">How it reaches the replicas. Not disposed with the client.</param>
    /// <param name="verifier">Shared by the clients of a process, so that a signature under many replies is verified once.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="time">The clock and the timers; the system's, when not given.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message lists how.</exception>
    public PbftClient(
        ClusterInfo cluster,
        KeyPair keyPair,
        IClusterTransport transport,
        SignatureVerifier verifier,
        PbftClientOptions? options = null,
        TimeProvider? time = null)
        : this(cluster, keyPair, transport, options, time, new(cluster, transport, verifier, time))
    {
    }

    /// <summary>Makes a client that shares mailbox and sessions with others that have its key.</summary>
    internal PbftClient(
        ClusterInfo cluster,
        KeyPair keyPair,
        IClusterTransport transport,
        PbftClientOptions? options,
        TimeProvider? time,
        ClientMailboxes mailboxes)
    {
        ArgumentNullException.ThrowIfNull(keyPair);
        time ??= TimeProvider.System;
        _options = options ?? new();
        if (_options.Problems() is { Count: > 0 } problems) throw new ArgumentException(string.Join(' ', problems), nameof(options));

        Cluster = cluster;
        _transport = transport;
        _keyPair = keyPair;
        _mailboxes = mailboxes;
        _mailbox = mailboxes.Take(keyPair);
        _sealer = new(cluster.Id, keyPair, _mailbox.Limits, sessions: _mailbox.Sessions);
        _sessionOptions = new()
        {
            Cluster = cluster.Cluster,
            Window = cluster.Options.SessionWindow,
            RetransmitAfter = _options.RetransmitAfter,
            RetransmitAfterMax = _options.RetransmitAfterMax,
        };
        _clock = new(time);
        _timer = time.CreateTimer(static client => ((PbftClient)client!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _mailbox.Add(this);
    }

    /// <summary>Who this client is.</summary>
    public ClientId Id => _sealer.Client;

    /// <summary>The cluster it talks to.</summary>
    public ClusterInfo Cluster { get; }

    /// <summary>Whether any request is unanswered.</summary>
    public bool IsWaiting
    {
        get
        {
            lock (_gate) return _waiting.Count > 0 || _reads.Count > 0 || _session is { InFlight.Count: > 0 } || _draining.Count > 0;
        }
    }

    /// <summary>Has one operation ordered and executed.</summary>
    /// <inheritdoc cref="SubmitAsync(IReadOnlyList{ReadOnlyMemory{byte}}, CancellationToken)"/>
    public Task<OperationOutcome> SubmitAsync(ReadOnlyMemory<byte> operation, CancellationToken cancellationToken = default) =>
        SubmitAsync(operation, _options.RequestTimeout, cancellationToken);

    /// <summary>Has one operation ordered and executed, within a time of its own.</summary>
    /// <inheritdoc cref="SubmitAsync(IReadOnlyList{ReadOnlyMemory{byte}}, TimeSpan, CancellationToken)"/>
    public async Task<OperationOutcome> SubmitAsync(ReadOnlyMemory<byte> operation, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var outcome = await SubmitAsync([operation], timeout, cancellationToken);
        return new(outcome.Results[0], outcome.View, outcome.Sequence, outcome.Replicas);
    }

    /// <summary>Has a bundle of operations ordered and executed, one after another and nothing in between.</summary>
    /// <param name="operations">1 .. B operations, together within the cluster's RequestBytesMax. Must not change before the task ends.</param>
    /// <param name="cancellationToken">Stops waiting, with an <see cref="OperationCanceledException"/> that has this token. The outcome is unknown then: operations that
    /// were sent may be executed all the same, once.</param>
    /// <exception cref="ArgumentException">There are no operations, too many, or they are too long.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="PbftTimeoutException">No f + 1 equal answers came within <see cref="PbftClientOptions.RequestTimeout"/>. The outcome is unknown where
    /// <see cref="PbftException.MayHaveExecuted"/> is true.</exception>
    /// <exception cref="PbftBusyException">The cluster was too busy all that time, or too many requests wait in this client.</exception>
    /// <exception cref="PbftConnectionException">There was no connection to the cluster, or the client was disposed meanwhile.</exception>
    /// <exception cref="PbftSessionLostException">The cluster had forgotten the session.</exception>
    /// <exception cref="PbftResultDroppedException">It was executed, but the cluster no longer keeps the results.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public Task<BundleOutcome> SubmitAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, CancellationToken cancellationToken = default) =>
        SubmitAsync(operations, _options.RequestTimeout, cancellationToken);

    /// <summary>Has a bundle of operations ordered and executed within a time of its own; all restarts and outages until then are waited out.</summary>
    /// <param name="operations">1 .. B operations, together within the cluster's RequestBytesMax. Must not change before the task ends.</param>
    /// <param name="timeout">How long it may take in all, in place of <see cref="PbftClientOptions.RequestTimeout"/>; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is neither above 0 nor infinite.</exception>
    /// <inheritdoc cref="SubmitAsync(IReadOnlyList{ReadOnlyMemory{byte}}, CancellationToken)"/>
    public Task<BundleOutcome> SubmitAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operations);
        if (timeout != Timeout.InfiniteTimeSpan) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        ReadOnlyMemory<byte>[] bundle = [.. operations];
        RequireAcceptable(bundle);
        return SubmitAcceptableAsync(bundle, timeout, cancellationToken);
    }

    private Task<BundleOutcome> SubmitAcceptableAsync(ReadOnlyMemory<byte>[] bundle, TimeSpan timeout, CancellationToken cancellationToken, Activity? parent = null)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<BundleOutcome>(cancellationToken);

        var now = _clock.Now;
        var pending = new PendingBundle(this, bundle, now, timeout, StartSpan(SpanNames.Client, bundle.Length, parent));
        bool sealHere;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            pending.Place = _waiting.AddLast(pending);
            if (_transport.State == TransportState.Closed)
            {
                Fail(pending, new PbftConnectionException(_transport.Problem ?? "The connection was closed.", mayHaveExecuted: false));
                return pending.Task;
            }

            StartWaiting(now, sealedByCaller: pending);
            if (_waiting.Count > _options.WaitingMax)
            {
                Fail(pending, new PbftBusyException(
                    $"This client has {_options.WaitingMax} requests waiting already.", _options.RetransmitAfter, mayHaveExecuted: false));
                return pending.Task;
            }

            ArmBy(pending.Deadline, now);
            if (cancellationToken.CanBeCanceled)
            {
                pending.Cancellation = cancellationToken.UnsafeRegister(
                    static (pending, token) => ((PendingBundle)pending!).Client.Cancel((PendingBundle)pending, token), pending);
            }

            sealHere = pending.Session is not null;
        }

        if (sealHere) SealAndSend(pending);
        return pending.Task;
    }

    /// <summary>Gives up all requests and stops. The key and the transport are left to their owners.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            FailAll(static pending => new PbftConnectionException("The client was closed before the answer came.", pending.WasSent));
            EndReads(static () => new PbftConnectionException("The client was closed before the answer came.", mayHaveExecuted: false));
        }

        _mailbox.Remove(this);
        _mailboxes.Return(_keyPair);
        await _timer.DisposeAsync();
    }

    /// <summary>Seals a request that has its number, and sends it.</summary>
    internal void SealAndSend(PendingBundle pending)
    {
        SessionId session;
        lock (_gate)
        {
            if (pending.Task.IsCompleted) return; // given up already
            session = pending.Session!.Machine.Id;
        }

        try
        {
            pending.Signed = _sealer.SealRequest(session, pending.Number, pending.Operations);
        }
        catch (CryptographicException failure)
        {
            lock (_gate) Fail(pending, failure); // the caller's key does not sign
            return;
        }

        Send(pending, pending.To);
    }

    /// <summary>Seals the request that opens a session, and sends it.</summary>
    internal void SealAndSend(SessionInUse session)
    {
        try
        {
            session.Signed = _sealer.SealOpenSession(session.Machine.Nonce);
        }
        catch (CryptographicException failure)
        {
            lock (_gate) FailAll(_ => failure);
            return;
        }

        Send(session, session.To);
    }

    // What is not signed yet is being signed at this moment, by a thread that sends it then.
    private void Send(PendingBundle pending, ReplicaSet to)
    {
        if (pending.Signed is not { } request) return;
        _options.Observer?.OnSent(request.Id, to); // before the replies that may come at once
        if (pending.WasSent) NoteRetransmission(pending, to);
        if (_transport.Send(to, request.Envelope, pending.TraceParent)) pending.WasSent = true;
    }

    private void Send(SessionInUse opening, ReplicaSet to)
    {
        if (opening.Signed is not { } request) return;
        _options.Observer?.OnSent(request.Id, to);
        if (_transport.Send(to, request.Envelope, Spans.TraceParentOf(opening.Activity))) opening.WasSent = true;
    }

    private void RequireAcceptable(ReadOnlyMemory<byte>[] operations)
    {
        var limits = _mailbox.Limits;
        if (operations.Length < 1 || operations.Length > limits.OperationsMax)
        {
            throw new ArgumentException($"A request has 1 to {limits.OperationsMax} operations, not {operations.Length}.", nameof(operations));
        }

        var operationBytes = 0L;
        foreach (var operation in operations) operationBytes += operation.Length;
        var bytes = MessageEncoding.RequestEnvelopeBytes(operations.Length, operationBytes) + _sealer.AuthenticatorBytes;
        if (bytes <= limits.RequestBytesMax) return;
        throw new ArgumentException($"The request takes {bytes} bytes; this cluster allows {limits.RequestBytesMax}.", nameof(operations));
    }

    /// <summary>Gives numbers to those that wait, as far as the window has room, in a new session where that is needed. Holds the gate.</summary>
    private void StartWaiting(Instant now, PendingBundle? sealedByCaller = null)
    {
        if (_waiting.Count == 0) return;
        if (_session is null || (!_session.IsOpening && _session.InFlight.Count == 0 && IsWornOut(_session, now))) OpenSession(now);

        while (_waiting.First is { } first && _session!.Machine.CanBegin)
        {
            var pending = first.Value;
            _waiting.Remove(first);
            pending.Place = null;
            pending.Session = _session;
            pending.Number = _session.Machine.Begin(now, _effects);
            pending.To = TakeSendEffect(now);
            _session.InFlight.Add(pending.Number, pending);
            _session.LastUsed = now;
            if (pending != sealedByCaller) ThreadPool.UnsafeQueueUserWorkItem(pending, preferLocal: false);
        }
    }

    /// <summary>Whether the cluster may have forgotten the session, or has none of its numbers left.</summary>
    private bool IsWornOut(SessionInUse session, Instant now) => session.Machine.IsUsedUp || now.Since(session.LastUsed) > _options.SessionIdleMax;

    private void OpenSession(Instant now)
    {
        var nonce = Math.Max(1, BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue);
        _session = new(this, new(Id, _sessionOptions, nonce), now);
        if (_waiting.First?.Value.Activity is { } needing) _session.Activity = StartSpan(SpanNames.OpenSession, operations: 0, needing);
        _session.Machine.Open(now, _effects);
        _session.To = TakeSendEffect(now);
        ThreadPool.UnsafeQueueUserWorkItem(_session, preferLocal: false);
    }

    /// <summary>Takes the effects of starting one request: where it goes, and when to look after it.</summary>
    private ReplicaSet TakeSendEffect(Instant now)
    {
        var to = ReplicaSet.Empty;
        foreach (var effect in _effects)
        {
            if (effect.Kind == ClientEffectKind.Send) to = effect.To;
            else if (effect.Kind == ClientEffectKind.WakeAt) ArmBy(effect.At, now);
        }

        _effects.Clear();
        return to;
    }
}
