using System.Diagnostics.CodeAnalysis;
using OrleansPbft.Core;
using OrleansPbft.Journal.Format;
using OrleansPbft.Journal.Reading;
using OrleansPbft.Journal.Storage;
using OrleansPbft.Journal.Writing;

namespace OrleansPbft.Journal;

/// <summary>The journal of one replica on a medium: <c>Durability = Sync</c> (rules D-1, D-2). Thread-safe. Opened by <see cref="JournalDirectory.Open"/>.</summary>
/// <remarks>
/// An append is a copy in memory. A flush writes all that was appended before it in one write and one flush of the medium, and serves everybody
/// who asked for one before it began; what is appended meanwhile waits for the next. Snapshots are written beside, by a thread of their own.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "It is: asynchronously.")]
public sealed class ReplicaJournal : IReplicaJournal, IAsyncDisposable
{
    private readonly string _directory;
    private readonly JournalOptions _options;
    private readonly JournalMetrics _metrics;
    private readonly RecordCodec _codec;
    private readonly LogWriter _log; // writing
    private readonly SnapshotKeeper _snapshots;
    private readonly Lock _writing = new(); // taken before the gate where both are
    private readonly object _gate = new();
    private readonly Thread? _thread;
    private RecordBuffer _collecting = new(); // gate
    private RecordBuffer _written = new(); // writing; swapped under the gate as well
    private TaskCompletionSource? _asked; // gate: who waits for the next flush
    private TaskCompletionSource? _served; // gate: who waits for the one under way
    private JournalState _state; // gate
    private Exception? _cause; // gate: of the state
    private bool _closing; // gate
    private long _recordsAppended; // gate
    private long _bytesAppended; // gate
    private long _flushesAsked; // gate

    internal ReplicaJournal(IJournalStorage storage, LogWriter log, SnapshotKeeper snapshots, ClusterId cluster, ReplicaId replica, JournalOptions options)
    {
        _directory = storage.Name;
        _options = options;
        _metrics = new(replica);
        _codec = new(cluster);
        _log = log;
        _snapshots = snapshots;
        if (options.Inline) return;
        _thread = new(FlushWhenAsked) { IsBackground = true, Name = $"journal of {replica}" };
        _thread.Start();
    }

    /// <summary>Which opening of the journal this is: 1, 2, 3 ...</summary>
    public long Epoch => _log.Epoch;

    /// <summary>Whether it can make anything durable.</summary>
    public JournalState State
    {
        get
        {
            lock (_gate) return _state;
        }
    }

    /// <summary>Why it can not, as a sentence for a person; null while it can.</summary>
    public string? Trouble
    {
        get
        {
            lock (_gate) return _state == JournalState.Healthy ? null : Refusal().Message;
        }
    }

    /// <summary>What it has done.</summary>
    public JournalStatistics Statistics
    {
        get
        {
            lock (_gate) return new(_recordsAppended, _bytesAppended, _flushesAsked, _log.Flushes, _snapshots.Written);
        }
    }

    /// <inheritdoc/>
    public void Append(in JournalRecord record)
    {
        if (record.Kind == JournalRecordKind.None) throw new ArgumentException("The record records nothing.", nameof(record));
        var message = _codec.MessageOf(record, out var bodyBytes);
        lock (_gate)
        {
            if (IsOver) throw Refusal();
            var body = _collecting.Add((byte)record.Kind, bodyBytes, record.Sequence.Value);
            _codec.Write(body, record, message);
            _collecting.Seal();
            _recordsAppended++;
            _bytesAppended += RecordHead.FrameBytesOf(bodyBytes);
        }

        _snapshots.OnAppended(record, _log.UsedBytes);
    }

    /// <inheritdoc/>
    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        Task flush;
        lock (_gate)
        {
            if (IsOver) return ValueTask.FromException(Refusal());
            if (_collecting.Count == 0 && _state == JournalState.Healthy)
            {
                if (_served is null) return ValueTask.CompletedTask;
                flush = _served.Task; // all that was appended is in the flush under way
            }
            else
            {
                _asked ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                flush = _asked.Task;
                if (_thread is not null) Monitor.Pulse(_gate);
            }

            _flushesAsked++;
        }

        if (_thread is null) FlushOnce();
        return new(flush.IsCompleted ? flush : flush.WaitAsync(cancellationToken));
    }

    /// <summary>Finds out whether there is room again, and makes durable what waited for it.</summary>
    /// <returns>Whether the journal is healthy. One that never was without room is.</returns>
    public async ValueTask<bool> TryResume(CancellationToken cancellationToken)
    {
        try
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (JournalOutOfSpaceException)
        {
            return false;
        }
    }

    /// <summary>Makes durable what was appended, says that it is, and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        await _snapshots.StopAsync().ConfigureAwait(false);
        await Task.Run(() => End(JournalState.Closed, cause: null)).ConfigureAwait(false);
    }

    /// <summary>This opening is over: <paramref name="newest"/> begins. What was not durable never will be (rule D-4).</summary>
    internal void Fence(long newest)
    {
        _snapshots.StopAsync().GetAwaiter().GetResult(); // an opening is synchronous, and must not begin before the last write of the one it ends
        End(JournalState.Fenced, new JournalFencedException(Epoch, newest));
    }

    /// <summary>A record of the journal itself.</summary>
    internal void AppendReference(in SnapshotReference snapshot)
    {
        lock (_gate)
        {
            if (IsOver) return;
            snapshot.Write(_collecting.Add(RecordKinds.Snapshot, SnapshotReference.Bytes, snapshot.Sequence.Value));
            _collecting.Seal();
        }
    }

    /// <summary>Something failed beside the flushes, and no further one may succeed.</summary>
    internal void Fail(Exception failure)
    {
        lock (_gate)
        {
            if (IsOver) return;
            (_state, _cause) = (JournalState.Failed, failure);
            Monitor.PulseAll(_gate);
        }
    }

    private bool IsOver => _state is JournalState.Failed or JournalState.Fenced or JournalState.Closed;

    private Exception Refusal() => _state switch
    {
        JournalState.Fenced => _cause!,
        JournalState.Closed => new ObjectDisposedException(nameof(ReplicaJournal)),
        JournalState.OutOfSpace => new JournalOutOfSpaceException(_directory, _cause!),
        _ => new JournalFailedException(_directory, _cause!),
    };

    private void FlushWhenAsked()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_asked is null && !_closing && !IsOver) Monitor.Wait(_gate);
                if (_asked is null) return;
            }

            FlushOnce();
        }
    }

    /// <summary>One flush for all who asked before it began.</summary>
    private void FlushOnce()
    {
        lock (_writing)
        {
            try
            {
                WriteAll();
                Settle(JournalState.Healthy, cause: null);
                AfterFlush();
            }
            catch (StorageFullException full)
            {
                Settle(JournalState.OutOfSpace, full);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                Settle(JournalState.Failed, failure); // and never again on this file: see JournalFailedException
            }
        }
    }

    private void WriteAll()
    {
        var isRest = !_written.IsDone; // what found no room before
        lock (_gate)
        {
            _served = _asked;
            _asked = null;
            if (IsOver) return; // and whoever asked is told so
            if (!isRest) Swap();
        }

        Write();
        if (!isRest) return;
        lock (_gate) Swap();
        Write();
    }

    private void Swap()
    {
        _written.Clear();
        (_collecting, _written) = (_written, _collecting);
    }

    private void Write()
    {
        var (began, before) = (JournalMetrics.Begin(), _log.WrittenBytes);
        var snapshot = _log.Write(_written);
        if (_log.WrittenBytes > before) _metrics.OnFlushed(began, _log.WrittenBytes - before);
        if (snapshot is { } named) _snapshots.OnNamed(named);
    }

    private void Settle(JournalState state, Exception? cause)
    {
        TaskCompletionSource? served;
        Exception? refusal = null;
        lock (_gate)
        {
            if (!IsOver) (_state, _cause) = (state, cause);
            if (_state != JournalState.Healthy) refusal = Refusal();
            served = _served;
            _served = null;
        }

        if (refusal is null) served?.TrySetResult();
        else served?.TrySetException(refusal);
    }

    /// <summary>What nobody waits for: says that all is durable, removes what is not needed any more, goes on with a snapshot.</summary>
    private void AfterFlush()
    {
        bool isIdle;
        lock (_gate)
        {
            if (IsOver) return;
            isIdle = _collecting.Count == 0;
        }

        if (isIdle) _log.Mark();
        if (_snapshots.TakeNamed() is { } named) _log.Drop(named);
        if (_options.Inline) _snapshots.Step(_options.InlineSnapshotBytes);
    }

    private void End(JournalState state, Exception? cause)
    {
        lock (_gate)
        {
            if (_state is JournalState.Fenced or JournalState.Closed) return;
            _closing = true;
            if (state == JournalState.Closed && !IsOver && (_collecting.Count > 0 || _state == JournalState.OutOfSpace))
            {
                _asked ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            Monitor.PulseAll(_gate);
        }

        if (state == JournalState.Closed && _thread is null) FlushOnce();
        if (state == JournalState.Closed) _thread?.Join();
        lock (_writing) // a flush under way ends first
        {
            var wasHealthy = State == JournalState.Healthy;
            Settle(state, cause);
            SettleAsked();
            if (wasHealthy && state == JournalState.Closed) MarkAndClose();
            else _log.Dispose();
        }

        if (_thread != Thread.CurrentThread) _thread?.Join();
    }

    private void SettleAsked()
    {
        lock (_gate)
        {
            _asked?.TrySetException(Refusal());
            _asked = null;
            Monitor.PulseAll(_gate);
        }
    }

    private void MarkAndClose()
    {
        try
        {
            _log.Mark();
            _log.Flush();
        }
        finally
        {
            _log.Dispose();
        }
    }
}
