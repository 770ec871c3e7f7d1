using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Journal.Format;
using OrleansPbft.Journal.Reading;
using OrleansPbft.Journal.Storage;
using OrleansPbft.Journal.Writing;

namespace OrleansPbft.Journal;

/// <summary>The right of this process to one replica's journal (rule D-4). It lasts until it is disposed of, or the process ends.</summary>
/// <remarks>
/// Another process that wants it is refused, and told who has it. Within the process it can be opened again: the epoch in the journal's head goes
/// up by one, and whoever holds the earlier opening can not append any more, and so can not speak. Thread-safe.
/// </remarks>
public sealed class JournalDirectory : IDisposable
{
    private readonly IJournalStorage _storage;
    private readonly ClusterId _cluster;
    private readonly ReplicaId _replica;
    private readonly JournalOptions _options;
    private readonly IDisposable _lock;
    private readonly Lock _opening = new();
    private ReplicaJournal? _newest; // opening

    private JournalDirectory(IJournalStorage storage, ClusterId cluster, ReplicaId replica, JournalOptions options, IDisposable held)
    {
        _storage = storage;
        _cluster = cluster;
        _replica = replica;
        _options = options;
        _lock = held;
    }

    /// <summary>Takes the right to a journal in a directory of the file system, which is made where there is none.</summary>
    /// <exception cref="JournalInUseException">Another has it.</exception>
    /// <exception cref="IOException">The directory can not be used.</exception>
    public static JournalDirectory Acquire(string path, ClusterId cluster, ReplicaId replica, JournalOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Acquire(new DirectoryStorage(path), cluster, replica, options);
    }

    /// <summary>Takes the right to a journal on any medium.</summary>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    /// <exception cref="JournalInUseException">Another has it.</exception>
    /// <exception cref="IOException">The medium can not be used.</exception>
    public static JournalDirectory Acquire(IJournalStorage storage, ClusterId cluster, ReplicaId replica, JournalOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(storage);
        options ??= new();
        if (options.SegmentBytes is < JournalOptions.SegmentBytesMin or > 1 << 30 || options.SegmentBytes % SegmentHead.Bytes != 0)
        {
            throw new ArgumentException(
                $"SegmentBytes ({options.SegmentBytes}) must be {JournalOptions.SegmentBytesMin} to {1 << 30}, and a multiple of {SegmentHead.Bytes}.", nameof(options));
        }

        if (options.SnapshotLogBytesMin < 0) throw new ArgumentException($"SnapshotLogBytesMin ({options.SnapshotLogBytesMin}) must be 0 or more.", nameof(options));
        if (storage.TryLock(FileNames.Lock) is not { } held) throw new JournalInUseException(storage.Name, ReadOwner(storage));
        var directory = new JournalDirectory(storage, cluster, replica, options, held);
        try
        {
            directory.WriteOwner();
            return directory;
        }
        catch (IOException)
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Opens the journal: reads what is there, cuts off what a crash left unfinished, and begins the next epoch. An opening before ends.</summary>
    /// <exception cref="JournalDamagedException">What was durable is missing, or not what it was. Nothing was changed.</exception>
    /// <exception cref="JournalMismatchException">It is another replica's, or another cluster's. Nothing was changed.</exception>
    /// <exception cref="JournalOutOfSpaceException">There is no room to begin an epoch.</exception>
    /// <exception cref="IOException">The medium can not be used.</exception>
    public RecoveredJournal Open()
    {
        lock (_opening)
        {
            var before = _newest?.Epoch;
            _newest?.Fence(before!.Value + 1); // and what it had under way is over, before anything is read
            _newest = null;
            var layout = JournalLayout.Read(_storage);
            RequireOurs(layout);
            var snapshot = layout.Snapshot is { } reference ? SnapshotFile.Load(_storage, reference, _cluster) : null;
            var facts = JournalFacts.Read(_storage, layout);
            MakeDurable(layout);
            var log = Begin(layout, facts);
            foreach (var leftover in layout.Leftovers) _storage.Delete(leftover);

            var keeper = new SnapshotKeeper(_storage, _cluster, _replica, _options, facts, layout.Snapshot);
            _newest = new(_storage, log, keeper, _cluster, _replica, _options);
            keeper.Attach(_newest);
            return new(_newest, new RecoveredRecords(_storage, layout, snapshot, _cluster), isNew: facts.Records == 0 && snapshot is null, layout.Torn);
        }
    }

    /// <summary>Gives the right up. What was opened should have been disposed of before: it is fenced.</summary>
    public void Dispose()
    {
        lock (_opening)
        {
            _newest?.Fence(_newest.Epoch + 1);
            _newest = null;
            _lock.Dispose();
        }
    }

    private static string ReadOwner(IJournalStorage storage)
    {
        try
        {
            using var file = storage.Open(FileNames.Owner);
            var bytes = new byte[Math.Min(file.Length, 1024)];
            var text = Encoding.UTF8.GetString(bytes, 0, file.Read(0, bytes)).Trim();
            return text.Length > 0 ? text : "a process that has not said yet which it is";
        }
        catch (IOException)
        {
            return "a process that has not said yet which it is"; // it holds the lock, and writes its name a moment later
        }
    }

    private void WriteOwner()
    {
        using var file = _storage.Create(FileNames.Owner);
        file.Write(0, Encoding.UTF8.GetBytes(_options.Owner + "\n"));
    }

    private void RequireOurs(JournalLayout layout)
    {
        if (layout.Segments is not [var first, ..]) return;
        if (first.Cluster != _cluster)
        {
            throw new JournalMismatchException(
                $"The journal in {_storage.Name} is of cluster {first.Cluster}, and this is cluster {_cluster}: keys, replicas and service must be the ones it was begun with. "
                + "A new cluster needs an empty directory.");
        }

        if (first.Replica != _replica)
        {
            throw new JournalMismatchException($"The journal in {_storage.Name} is of {first.Replica}, and this is {_replica}: each replica has a directory of its own.");
        }
    }

    /// <summary>What is read now may have been written and never flushed: it counts from here on, so it must not be lost any more.</summary>
    private void MakeDurable(JournalLayout layout)
    {
        if (layout.Segments is not [.., var last]) return;
        using (var file = _storage.Open(FileNames.OfSegment(last.Segment), toFlush: true)) file.Flush();
        _storage.FlushDirectory();
    }

    private LogWriter Begin(JournalLayout layout, JournalFacts facts)
    {
        var maker = new SegmentMaker(_storage, _cluster, _replica, _options);
        try
        {
            return new(_storage, maker, layout, facts, layout.Epoch + 1);
        }
        catch (StorageFullException full)
        {
            maker.Dispose();
            throw new JournalOutOfSpaceException(_storage.Name, full);
        }
    }
}
