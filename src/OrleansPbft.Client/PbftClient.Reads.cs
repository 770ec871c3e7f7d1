using System.Diagnostics;
using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <content>Reads without ordering (rule C-7): the shell of <see cref="QuorumRead"/>.</content>
public sealed partial class PbftClient
{
    private readonly Dictionary<long, PendingRead> _reads = []; // gate

    /// <summary>Reads what one operation tells, without having it ordered where that is possible.</summary>
    /// <inheritdoc cref="QueryAsync(IReadOnlyList{ReadOnlyMemory{byte}}, CancellationToken)"/>
    public Task<OperationOutcome> QueryAsync(ReadOnlyMemory<byte> operation, CancellationToken cancellationToken = default) =>
        QueryAsync(operation, _options.RequestTimeout, cancellationToken);

    /// <summary>Reads what one operation tells, within a time of its own.</summary>
    /// <inheritdoc cref="QueryAsync(IReadOnlyList{ReadOnlyMemory{byte}}, TimeSpan, CancellationToken)"/>
    public async Task<OperationOutcome> QueryAsync(ReadOnlyMemory<byte> operation, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var outcome = await QueryAsync([operation], timeout, cancellationToken);
        return new(outcome.Results[0], outcome.View, outcome.Sequence, outcome.Replicas) { Path = outcome.Path };
    }

    /// <summary>Reads what operations tell, all of one state, without having them ordered where that is possible.</summary>
    /// <remarks>
    /// All replicas are asked; the answer is as new as if it had been ordered. Where they do not agree in time (a write is under way, one
    /// lies, too many are silent), the operations are ordered like any others. So are those that the service does not answer as a query: one
    /// that writes then writes.
    /// </remarks>
    /// <param name="operations">1 .. B read-only operations, together within the cluster's RequestBytesMax. Must not change before the task ends.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">There are no operations, too many, or they are too long.</exception>
    /// <exception cref="PbftException">As <see cref="SubmitAsync(IReadOnlyList{ReadOnlyMemory{byte}}, CancellationToken)"/>, of what was ordered.</exception>
    public Task<BundleOutcome> QueryAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, CancellationToken cancellationToken = default) =>
        QueryAsync(operations, _options.RequestTimeout, cancellationToken);

    /// <summary>Reads what operations tell, all of one state, within a time of its own.</summary>
    /// <param name="operations">1 .. B read-only operations, together within the cluster's RequestBytesMax. Must not change before the task ends.</param>
    /// <param name="timeout">How long it may take in all, ordering included; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is neither above 0 nor infinite.</exception>
    /// <inheritdoc cref="QueryAsync(IReadOnlyList{ReadOnlyMemory{byte}}, CancellationToken)"/>
    public async Task<BundleOutcome> QueryAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> operations, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var isForEver = timeout == Timeout.InfiniteTimeSpan;
        if (!isForEver) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        ReadOnlyMemory<byte>[] bundle = [.. operations];
        RequireAcceptable(bundle);
        cancellationToken.ThrowIfCancellationRequested();

        // Numbers are drawn, not counted: nobody keeps count across restarts, or among several users of one key.
        var number = Math.Max(1, BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue);
        var read = _sealer.SealRead(number, bundle);
        var now = _clock.Now;
        var patience = isForEver || _options.RetransmitAfter < timeout ? _options.RetransmitAfter : timeout;
        var pending = new PendingRead(this, read, new(Cluster.Cluster, Id, number, now, patience), bundle.Length);
        var span = StartSpan(SpanNames.Read, bundle.Length);
        try
        {
            Begin(pending, now, cancellationToken);
            if (await pending.Task is { } outcome)
            {
                ClientMetrics.OnRead(ReadOutcome.Accepted);
                ClientMetrics.OnAccepted(_clock.Now.Since(now));
                span?.SetTag(PbftTelemetry.Sequence, outcome.Sequence.Value).SetTag(PbftTelemetry.Outcome, "accepted");
                return outcome;
            }

            ClientMetrics.OnRead(ReadOutcome.Ordered);
            span?.SetTag(PbftTelemetry.Outcome, "ordered");
            var left = isForEver ? timeout : timeout - _clock.Now.Since(now);
            return await SubmitAcceptableAsync(bundle, left > TimeSpan.Zero || isForEver ? left : TimeSpan.Zero, cancellationToken, span);
        }
        catch (Exception failure) when (span is not null && failure is not OperationCanceledException)
        {
            span.SetStatus(ActivityStatusCode.Error, failure.Message).SetTag(PbftTelemetry.ErrorType, failure.GetType().FullName);
            throw;
        }
        finally
        {
            if (span is not null) Spans.End(span);
        }
    }

    private void Begin(PendingRead pending, Instant now, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_reads.Count >= _options.WaitingMax)
            {
                throw new PbftBusyException($"This client has {_options.WaitingMax} reads under way already.", _options.RetransmitAfter, mayHaveExecuted: false);
            }

            if (_transport.State == TransportState.Closed)
            {
                pending.TrySetResult(null); // ordering it says why
                return;
            }

            _reads.Add(pending.Read.Number, pending);
            ArmBy(pending.Machine.Due, now);
            if (cancellationToken.CanBeCanceled)
            {
                pending.Cancellation = cancellationToken.UnsafeRegister(
                    static (pending, token) => ((PendingRead)pending!).Client.Cancel((PendingRead)pending, token), pending);
            }
        }

        Send(pending);
    }

    private void Send(PendingRead pending) => _transport.Send(Cluster.Cluster.All, pending.Read.Envelope, traceParent: null);

    /// <summary>An answer to a read came.</summary>
    private void OnReadReply(ReadReply reply)
    {
        PendingRead? again = null;
        lock (_gate)
        {
            if (!_reads.TryGetValue(reply.Number, out var pending)) return;
            var now = _clock.Now;
            if (Advance(pending, pending.Machine.OnReply(now, reply), now)) again = pending;
        }

        if (again is not null) Send(again);
    }

    /// <summary>Time passed for the reads. Holds the gate; returns those to be sent again.</summary>
    private List<PendingRead>? TickReads(Instant now)
    {
        List<PendingRead>? again = null;
        foreach (var pending in _reads.Values.ToArray())
        {
            if (Advance(pending, pending.Machine.Tick(now), now)) (again ??= []).Add(pending);
        }

        return again;
    }

    /// <summary>Does what a read's machine decided, but for sending: true when it is to be sent again. Holds the gate.</summary>
    private bool Advance(PendingRead pending, ReadStep step, Instant now)
    {
        switch (step)
        {
            case ReadStep.Accept:
                Finish(pending, pending.Machine.Accepted!);
                return false;
            case ReadStep.Order:
                End(pending);
                pending.TrySetResult(null);
                return false;
            case ReadStep.AskAgain:
                ClientMetrics.OnRead(ReadOutcome.AskedAgain);
                ArmBy(pending.Machine.Due, now);
                return true;
            default:
                ArmBy(pending.Machine.Due, now);
                return false;
        }
    }

    private void Finish(PendingRead pending, AcceptedRead accepted)
    {
        End(pending);
        if (OperationResults.TryRead(accepted.Results, out var results) && results.Length == pending.Operations)
        {
            pending.TrySetResult(new(results, accepted.View, accepted.Sequence, accepted.Agreed) { Path = AnswerPath.Quorum });
        }
        else
        {
            pending.TrySetException(new PbftFaultyClusterException($"Replicas {accepted.Agreed} agreed on an answer to a read that no correct replica gives."));
        }
    }

    private void End(PendingRead pending)
    {
        _reads.Remove(pending.Read.Number);
        pending.Cancellation.Unregister(); // not Dispose: that waits for a callback, which may wait for the gate
    }

    private void Cancel(PendingRead pending, CancellationToken token)
    {
        lock (_gate) End(pending);
        pending.TrySetCanceled(token);
    }

    /// <summary>Ends all reads: to be ordered, or with an exception. Holds the gate.</summary>
    private void EndReads(Func<Exception>? cause)
    {
        foreach (var pending in _reads.Values.ToArray())
        {
            End(pending);
            if (cause is null) pending.TrySetResult(null);
            else pending.TrySetException(cause());
        }
    }
}
