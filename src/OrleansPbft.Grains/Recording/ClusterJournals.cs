using Microsoft.Extensions.Options;
using OrleansPbft.Client;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Recording;

/// <summary>Tells how large the journals of this process's replicas are, and how fast they become durable.</summary>
public sealed class ClusterJournals
{
    private readonly ReplicaJournals _journals;
    private readonly ProtocolHistory _history;
    private readonly IOptions<PbftOptions> _options;

    internal ClusterJournals(ReplicaJournals journals, ProtocolHistory history, IOptions<PbftOptions> options)
    {
        _journals = journals;
        _history = history;
        _options = options;
    }

    /// <summary>Looks at all of them. Reads the names and lengths of their files.</summary>
    public JournalListDocument Describe() =>
        new() { Durability = _options.Value.Durability.ToString(), Items = [.. _journals.Opened.Select(one => Describe(one.Replica.Index, one.Journal, one.Directory))] };

    private JournalDocument Describe(int replica, Journal.ReplicaJournal journal, string directory)
    {
        var (bytes, segments) = Measure(directory);
        var flushes = _history.MeasureFlushes(replica);
        return new()
        {
            Replica = replica,
            Durability = _options.Value.Durability.ToString(),
            Bytes = bytes,
            Segments = segments,
            Flushes = journal.Statistics.Flushes,
            FlushP50Us = flushes?.P50Us,
            FlushP99Us = flushes?.P99Us,
        };
    }

    private static (long Bytes, int Segments) Measure(string directory)
    {
        var folder = new DirectoryInfo(directory);
        if (!folder.Exists) return (0, 0); // its medium is no folder
        var (bytes, segments) = (0L, 0);
        foreach (var file in folder.EnumerateFiles())
        {
            if (file.Exists) bytes += file.Length; // a segment may have gone meanwhile
            if (file.Extension == ".segment") segments++;
        }

        return (bytes, segments);
    }
}
