using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPbft.Core;
using OrleansPbft.Journal;
using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Grains.Machines;

/// <summary>The journals of this process's replicas: opened before their machines are made, closed after those have ended.</summary>
/// <param name="options">Whether and where.</param>
/// <param name="log">Says what was found.</param>
/// <param name="media">Makes a path the medium that it is on: the file system when not given.</param>
internal sealed class ReplicaJournals(IOptions<PbftOptions> options, ILogger<ReplicaJournals> log, Func<string, IJournalStorage>? media = null)
    : IAsyncDisposable, IDisposable
{
    private readonly List<JournalDirectory> _directories = [];
    private readonly Dictionary<ReplicaId, RecoveredJournal> _opened = [];

    /// <summary>Opens the journals of this process's replicas; nothing where none are kept.</summary>
    /// <exception cref="JournalException">One is in use, damaged, lost, another's, can not be used, or would be passed over.</exception>
    public void Open(PbftCluster cluster)
    {
        if (options.Value.Durability == Durability.None)
        {
            RefuseToPassOver(cluster);
            return;
        }

        var missing = new List<ReplicaId>();
        foreach (var replica in cluster.Hosted)
        {
            if (Exists(replica)) Open(cluster.Id, replica);
            else missing.Add(replica);
        }

        // f replicas may lose what they knew, and learn it again from the others (D-5). Where more do, what was acknowledged may be lost with them.
        var most = cluster.Options.Cluster.MaxFaulty;
        if (missing.Count > most && _opened.Values.Any(static one => !one.IsNew))
        {
            throw new JournalLostException(
                $"The journals of {string.Join(", ", missing)} are lost, and the cluster in {options.Value.JournalDirectory} is not new. {most} of "
                + $"{cluster.Options.Cluster.Replicas} replicas can be without theirs at a time. Restore their folders, or give a new cluster another JournalDirectory.");
        }

        foreach (var replica in missing) Open(cluster.Id, replica);
    }

    /// <summary>Has a replica take up where its journal ends, or begin a life where that is new, and returns that journal; one that keeps nothing where none are kept.</summary>
    /// <exception cref="JournalException">It is damaged, or was not written with this service and these options.</exception>
    public IReplicaJournal Recover(ReplicaId replica, Replica machine)
    {
        if (!_opened.TryGetValue(replica, out var recovered)) return NullJournal.Instance;
        try
        {
            machine.Recover(recovered.Records);
            if (recovered.IsNew) machine.Join(DrawLife());
            return recovered.Journal;
        }
        catch (ArgumentException refused)
        {
            throw new JournalMismatchException($"The journal of {replica} in {PathOf(replica)} can not be taken up. {refused.Message}");
        }
    }

    /// <summary>The journals that are open, and the folder of each, in the order of their replicas.</summary>
    public IEnumerable<(ReplicaId Replica, ReplicaJournal Journal, string Directory)> Opened =>
        _opened.OrderBy(static one => one.Key).Select(one => (one.Key, one.Value.Journal, PathOf(one.Key)));

    public async ValueTask DisposeAsync()
    {
        foreach (var recovered in _opened.Values) await recovered.Journal.DisposeAsync();
        foreach (var directory in _directories) directory.Dispose();
        _opened.Clear();
        _directories.Clear();
    }

    /// <summary>For containers that are disposed without waiting, which refuse a service that can only be waited for; the last flush is waited for all the same.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>A replica of a federation keeps its key, and its journal what it said with it; a local cluster that keeps nothing is another one with every start.</summary>
    private void RefuseToPassOver(PbftCluster cluster)
    {
        if (options.Value.JournalDirectory.Trim().Length == 0 || cluster.Hosted.Length == cluster.Options.Cluster.Replicas) return;
        foreach (var replica in cluster.Hosted.Where(Exists))
        {
            throw new JournalPassedOverException(
                $"There is a journal of {replica} in {PathOf(replica)}, and Durability is None: what the replica says now would not be in it, and when it starts from it "
                + "again it could contradict itself. Set Durability to Sync. To measure without journals, make a federation for that: 'client keys init'.");
        }
    }

    /// <summary>No two lives of a replica may have the same number, and no clock is good enough to promise that.</summary>
    private static long DrawLife() => 1 + (BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & (WireLimits.NumberMax >> 1));

    private void Open(ClusterId cluster, ReplicaId replica)
    {
        try
        {
            OpenDirectory(cluster, replica);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new JournalAccessException(PathOf(replica), failure);
        }
    }

    private void OpenDirectory(ClusterId cluster, ReplicaId replica)
    {
        var directory = JournalDirectory.Acquire(MediumOf(replica), cluster, replica);
        _directories.Add(directory);
        var recovered = directory.Open();
        _opened.Add(replica, recovered);
        log.JournalOpened(replica, PathOf(replica), recovered.Journal.Epoch);
        if (recovered.Torn is { } torn) log.TornTailCut(replica, torn.File, torn.Offset, torn.Record);
    }

    private bool Exists(ReplicaId replica)
    {
        try
        {
            return MediumOf(replica).List().Any(static name => name.EndsWith(".segment", StringComparison.Ordinal));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new JournalAccessException(PathOf(replica), failure);
        }
    }

    private IJournalStorage MediumOf(ReplicaId replica) => media?.Invoke(PathOf(replica)) ?? new DirectoryStorage(PathOf(replica));

    private string PathOf(ReplicaId replica) => Path.Combine(options.Value.JournalDirectory, $"replica-{replica.Index}");
}
