using System.Diagnostics.CodeAnalysis;
using OrleansPbft.Core;
using OrleansPbft.Journal.Reading;
using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Journal.Writing;

/// <summary>Decides when a state is written down, and writes one at a time beside the records. Thread-safe.</summary>
/// <remarks>
/// A stable checkpoint's state is written where as much was appended since the last as that took (and at least
/// <see cref="JournalOptions.SnapshotLogBytesMin"/>), so that snapshots cost no more than the records do; and where the records do not lead from
/// the last snapshot to the checkpoint, because the replica fetched its state.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Stopping disposes of it.")]
internal sealed class SnapshotKeeper(IJournalStorage storage, ClusterId cluster, ReplicaId replica, JournalOptions options, JournalFacts facts, SnapshotReference? newest)
{
    private const int StepBytes = 4 << 20;
    private const int RetryPart = 4;

    private readonly Lock _gate = new();
    private readonly ReplayTrack _track = facts.Track; // gate
    private ReplicaJournal? _journal;
    private SnapshotReference? _newest = newest; // gate
    private long _newestAt = facts.SnapshotAt; // gate: how many bytes were used when its checkpoint became stable
    private long _retryAt; // gate
    private bool _isUnderWay; // gate
    private bool _stopping; // gate
    private long _startedAt; // of the one under way
    private SnapshotWriter? _writer; // of the one under way, where it is written inline
    private SnapshotReference? _named; // of whoever flushes: durable and named, and what it covers is still there
    private Task _task = Task.CompletedTask;

    /// <summary>How many became durable.</summary>
    public long Written { get; private set; }

    /// <summary>Where to say that one is durable.</summary>
    public void Attach(ReplicaJournal journal) => _journal = journal;

    /// <summary>A record was appended.</summary>
    public void OnAppended(in JournalRecord record, long usedBytes)
    {
        lock (_gate)
        {
            _track.Note(record.Kind, record.Sequence.Value, record.Digest);
            if (record is not { Kind: JournalRecordKind.StableCheckpoint, Subject: StateSnapshot snapshot } || !IsWanted(snapshot, usedBytes)) return;
            _isUnderWay = true;
            _startedAt = usedBytes;
            if (options.Inline) Begin(snapshot);
            else _task = Task.Run(() => WriteAll(snapshot));
        }
    }

    /// <summary>Writes so much of the one under way; on the thread of the flushes.</summary>
    public void Step(long bytes)
    {
        if (_writer is null) return;
        Attempt(() =>
        {
            if (!_writer!.Step(bytes, out var reference)) return;
            _writer.Dispose();
            _writer = null;
            _journal!.AppendReference(reference);
        });
    }

    /// <summary>The record that names one is durable.</summary>
    public void OnNamed(in SnapshotReference snapshot)
    {
        lock (_gate)
        {
            _newest = _named = snapshot;
            _newestAt = _startedAt;
            _track.OnSnapshot(snapshot.Sequence.Value);
            _isUnderWay = false;
            Written++;
        }
    }

    /// <summary>What <see cref="OnNamed"/> said last; null where that was asked before.</summary>
    public SnapshotReference? TakeNamed()
    {
        lock (_gate)
        {
            var named = _named;
            _named = null;
            return named;
        }
    }

    /// <summary>Writes no more; complete when nothing is being written.</summary>
    public async Task StopAsync()
    {
        lock (_gate) _stopping = true;
        await _task.ConfigureAwait(false);
        _writer?.Dispose();
        _writer = null;
    }

    private bool IsWanted(StateSnapshot snapshot, long usedBytes)
    {
        if (_isUnderWay || _stopping || snapshot.Sequence.Value <= _track.Snapshot || usedBytes < _retryAt) return false;
        return snapshot.Sequence.Value > _track.ReplayableTo || usedBytes - _newestAt >= Math.Max(options.SnapshotLogBytesMin, _newest?.FileBytes ?? 0);
    }

    private void Begin(StateSnapshot snapshot) => Attempt(() => _writer = new(storage, cluster, replica, snapshot, options.DrawNonce()));

    private void WriteAll(StateSnapshot snapshot)
    {
        SnapshotWriter? writer = null;
        Attempt(
            () =>
            {
                writer = new(storage, cluster, replica, snapshot, options.DrawNonce());
                SnapshotReference reference;
                while (!writer.Step(StepBytes, out reference))
                {
                    if (!IsStopping) continue;
                    writer.Abandon();
                    return;
                }

                writer.Dispose();
                _journal!.AppendReference(reference);
                _ = _journal.FlushAsync(CancellationToken.None).AsTask(); // who votes need not wait for it; a failure is the journal's, and shows there
            },
            () => writer);
    }

    private bool IsStopping
    {
        get
        {
            lock (_gate) return _stopping;
        }
    }

    private void Attempt(Action action, Func<SnapshotWriter?>? writer = null)
    {
        try
        {
            action();
        }
        catch (StorageFullException)
        {
            // The records are what must be durable, and they still find room, or say that they do not. A later checkpoint tries again.
            (writer is null ? _writer : writer())?.Abandon();
            _writer = null;
            lock (_gate)
            {
                _isUnderWay = false;
                _retryAt = _startedAt + (Math.Max(options.SnapshotLogBytesMin, _newest?.FileBytes ?? 0) / RetryPart);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _journal!.Fail(failure);
        }
    }
}
