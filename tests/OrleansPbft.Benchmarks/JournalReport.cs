using System.Diagnostics;
using OrleansPbft.Core;
using OrleansPbft.Journal;
using OrleansPbft.Services;

namespace OrleansPbft.Benchmarks;

/// <summary>What a journal costs on one disk: votes that wait for a flush, bytes, and a start again; each beside a plain loop on the same disk.</summary>
internal static class JournalReport
{
    private const int Seconds = 3;
    private const int RecoveryBytes = 100 << 20;

    private static readonly byte[] ClientKey = [.. Enumerable.Range(1, EnvelopeEncoding.KeyBytes).Select(static i => (byte)i)];
    private static readonly ClusterId Cluster = new(42);

    public static async Task PrintAsync(string parent)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"pbft-journal-benchmark-{Environment.ProcessId}"));
        try
        {
            Console.WriteLine($"Journals in {folder.FullName}; {Seconds} s each.");
            await PrintVotesAsync(folder.FullName);
            await PrintBatchesAsync(folder.FullName);
            await PrintRecoveryAsync(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Loops that each append a vote and wait for it, as machines do.</summary>
    private static async Task PrintVotesAsync(string folder)
    {
        var plain = PlainFlushes(Path.Combine(folder, "plain"), bytes: 96);
        Console.WriteLine($"\nvotes of 88 bytes            records/s   flushes/s   records/flush   flushes beside plain   ({plain:N0} plain writes with a flush each/s)");
        foreach (var loops in new[] { 1, 2, 8, 64, 512 })
        {
            using var directory = JournalDirectory.Acquire(Path.Combine(folder, $"votes-{loops}"), Cluster, new(0));
            await using var journal = directory.Open().Journal;
            var until = Stopwatch.GetTimestamp() + (Seconds * Stopwatch.Frequency);
            var before = journal.Statistics;
            await Task.WhenAll(Enumerable.Range(0, loops).Select(loop => Task.Run(async () =>
            {
                for (var n = 1; Stopwatch.GetTimestamp() < until; n++)
                {
                    journal.Append(new(JournalRecordKind.Prepared, new(loop), new(n), default, null));
                    await journal.FlushAsync(CancellationToken.None);
                }
            })));
            var records = journal.Statistics.RecordsAppended - before.RecordsAppended;
            var flushes = journal.Statistics.Flushes - before.Flushes;
            Console.WriteLine(
                $"{loops,4} loops {records / Seconds,28:N0} {flushes / Seconds,11:N0} {(double)records / flushes,15:F1} {flushes / (double)Seconds / plain,22:P0}");
        }
    }

    /// <summary>Proposals with their batches, one flush for each.</summary>
    private static async Task PrintBatchesAsync(string folder)
    {
        Console.WriteLine("\nproposals, a flush each        MB/s   beside plain writes of the same size with a flush each");
        foreach (var bytes in new[] { 4 << 10, 64 << 10, 1 << 20 })
        {
            var plain = PlainFlushes(Path.Combine(folder, "plain"), bytes) * bytes / 1e6;
            using var directory = JournalDirectory.Acquire(Path.Combine(folder, $"batches-{bytes}"), Cluster, new(0));
            await using var journal = directory.Open().Journal;
            var proposal = Proposal(1, bytes);
            var until = Stopwatch.GetTimestamp() + (Seconds * Stopwatch.Frequency);
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetTimestamp() < until)
            {
                journal.Append(proposal);
                await journal.FlushAsync(CancellationToken.None);
            }

            var rate = journal.Statistics.BytesAppended / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e6;
            Console.WriteLine($"{bytes,8} bytes {rate,21:N0} {rate / plain,8:P0}");
        }
    }

    /// <summary>A start again from about 100 MB of committed batches without a snapshot.</summary>
    private static async Task PrintRecoveryAsync(string folder)
    {
        var path = Path.Combine(folder, "recovery");
        var options = new ProtocolOptions { Cluster = new(4) };
        using (var directory = JournalDirectory.Acquire(path, Cluster, new(0)))
        {
            await using var journal = directory.Open().Journal;
            var n = 1L;
            AppendCommitted(journal, n, [Request(session: 0, number: 7)]);
            for (; journal.Statistics.BytesAppended < RecoveryBytes; n++)
            {
                ReadOnlyMemory<byte>[] puts = [.. Enumerable.Range(0, 64).Select(i => (ReadOnlyMemory<byte>)KeyValueOperation.Put($"key {(n * 64) + i}", new byte[100]))];
                AppendCommitted(journal, n + 1, [Request(1, n, puts)]);
            }

            journal.Append(new(JournalRecordKind.StableCheckpoint, View.Initial, new(n / 128 * 128), default, null));
            await journal.FlushAsync(CancellationToken.None);
        }

        using var again = JournalDirectory.Acquire(path, Cluster, new(0));
        var clock = Stopwatch.StartNew();
        var recovered = again.Open();
        var opened = clock.Elapsed;
        var records = recovered.Records.Count();
        var read = clock.Elapsed - opened;
        clock.Restart();
        var replica = new Replica(new(0), options, new(options, Cluster, new KeyValueStore()));
        replica.Recover(recovered.Records);
        replica.Start(new(0), new());
        Console.WriteLine($"\nstart again from {RecoveryBytes / 1e6:N0} MB, {records:N0} records, {replica.LastExecuted.Value * 64:N0} operations, no snapshot");
        Console.WriteLine(
            $"opened and verified in {opened.TotalMilliseconds:N0} ms; read once in {read.TotalMilliseconds:N0} ms; "
            + $"recovered in {clock.Elapsed.TotalMilliseconds:N0} ms, executing all of it again");
        await recovered.Journal.DisposeAsync();
    }

    private static void AppendCommitted(ReplicaJournal journal, long n, Request[] requests)
    {
        var batch = BatchEncoding.Encode(new(n), [.. requests]);
        journal.Append(new(JournalRecordKind.PrePrepared, View.Initial, new(n), batch.Digest, new PrePrepare(View.Initial, new(n), batch, new(0))));
        journal.Append(new(JournalRecordKind.Prepared, View.Initial, new(n), batch.Digest, null));
        journal.Append(new(JournalRecordKind.Committed, View.Initial, new(n), batch.Digest, null));
    }

    private static JournalRecord Proposal(long n, int bytes)
    {
        var batch = BatchEncoding.Encode(new(n), [Request(1, n, new byte[bytes])]);
        return new(JournalRecordKind.PrePrepared, View.Initial, new(n), batch.Digest, new PrePrepare(View.Initial, new(n), batch, new(0)));
    }

    /// <summary>A request as on the wire, but for its signature.</summary>
    private static Request Request(long session, long number, params ReadOnlyMemory<byte>[] operations)
    {
        var bodyBytes = MessageEncoding.RequestBodyBytesMin + operations.Sum(static one => MessageEncoding.OperationHeaderBytes + one.Length);
        var envelope = new byte[EnvelopeEncoding.SignedBytes(MessageKind.Request) + bodyBytes];
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, Cluster, ClientKey, bodyBytes);
        MessageEncoding.WriteRequest(ref writer, new(session), number, operations);
        writer.WriteByte((byte)SealType.Signature);
        return new(new(ClientId.Of(ClientKey), new(session), number), [.. operations], envelope);
    }

    /// <summary>How many writes of so many bytes, each behind the one before and with a flush of its own, a growing file takes in a second.</summary>
    private static double PlainFlushes(string path, int bytes)
    {
        var buffer = new byte[bytes];
        Random.Shared.NextBytes(buffer);
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        var clock = Stopwatch.StartNew();
        var count = 0;
        for (; clock.Elapsed.TotalSeconds < Seconds; count++)
        {
            RandomAccess.Write(file, buffer, (long)count * bytes);
            RandomAccess.FlushToDisk(file);
        }

        return count / clock.Elapsed.TotalSeconds;
    }
}
