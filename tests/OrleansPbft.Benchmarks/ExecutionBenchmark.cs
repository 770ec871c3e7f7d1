using System.Collections.Immutable;
using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.Benchmarks;

/// <summary>
/// Prints what one replica spends to execute one operation, and to take the checkpoint's root and snapshot, over a key-value store of
/// <see cref="Keys"/> keys. No cryptography but the root's, no network: every replica of a cluster spends this for every operation.
/// </summary>
internal sealed class ExecutionBenchmark
{
    private const int Keys = 100_000;
    private const int Sessions = 64;
    private const int Intervals = 15;

    private readonly ProtocolOptions _options = new() { Cluster = new(4) };
    private readonly Outbox _outbox = new();
    private readonly Random _random = new(1);
    private readonly ReplicatedState _state;
    private readonly byte[] _value;
    private readonly long[] _numbers = new long[Sessions];
    private StateSnapshot? _last;
    private StateSnapshot? _previous;
    private int _turn;
    private long _executed;

    private ExecutionBenchmark(int valueBytes)
    {
        _value = new byte[valueBytes];
        _state = new(_options, default, new KeyValueStore());
        Execute(Batch(Enumerable.Range(0, Sessions).Select(static i => new Request(new(Client(i), SessionId.None, 1), [], default))));
        for (var key = 0; key < Keys;)
        {
            var operations = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
            for (var i = 0; i < 64 && key < Keys; i++, key++) operations.Add(Put(key));
            Execute(Batch([Next(operations.ToImmutable())]));
        }

        TakeCheckpoint();
    }

    public static void Print()
    {
        Console.WriteLine($"KeyValueStore of {Keys} keys, {Sessions} sessions, a root every 128 batches; medians of {Intervals} intervals; CPU per operation:");
        Console.WriteLine("operation            requests/batch  ops/request   execute ns   root ns   total ns   allocated B");
        foreach (var (requests, operations) in new[] { (1, 64), (8, 64), (64, 1), (1, 1) })
        {
            foreach (var valueBytes in new[] { 16, 1024 })
            {
                var benchmark = new ExecutionBenchmark(valueBytes);
                benchmark.Print($"put of {valueBytes} B", requests, operations, benchmark.PutAny);
            }

            var reader = new ExecutionBenchmark(16);
            reader.Print("get of 16 B", requests, operations, reader.GetAny);
        }
    }

    private void Print(string name, int requests, int operations, Func<ReadOnlyMemory<byte>> operation)
    {
        var runs = new List<(double Execute, double Root, double Allocated)>();
        for (var interval = 0; interval < Intervals + 2; interval++)
        {
            var batches = Enumerable.Range(0, _options.CheckpointInterval).Select(_ => Batch(Enumerable.Range(0, requests).Select(
                _ => Next([.. Enumerable.Range(0, operations).Select(_ => operation())])))).ToArray();
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var start = Environment.CpuUsage.TotalTime; // not the clock's: others may use this machine
            foreach (var batch in batches) Execute(batch);
            var executed = Environment.CpuUsage.TotalTime;
            TakeCheckpoint();
            var rooted = Environment.CpuUsage.TotalTime;
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

            var per = (double)batches.Length * requests * operations;
            runs.Add(((executed - start).TotalNanoseconds / per, (rooted - executed).TotalNanoseconds / per, allocated / per));
        }

        runs.RemoveRange(0, 2); // compiled and grown by then
        var execute = Median(runs.Select(static r => r.Execute));
        var root = Median(runs.Select(static r => r.Root));
        Console.WriteLine($"{name,-20} {requests,14} {operations,12} {execute,12:F0} {root,9:F0} {execute + root,10:F0} {Median(runs.Select(static r => r.Allocated)),13:F0}");
    }

    /// <summary>As a replica does: two snapshots are kept, so that what changes from here on is copied once and not in place.</summary>
    private void TakeCheckpoint() => (_previous, _last) = (_last, _state.TakeSnapshot());

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static ClientId Client(int session) => new((UInt128)(session + 1));

    private void Execute(Batch batch)
    {
        _outbox.Clear();
        _state.Execute(new(++_executed), batch, View.Initial, new(0), _outbox);
    }

    private Batch Batch(IEnumerable<Request> requests)
    {
        Span<byte> digest = stackalloc byte[Digest.Bytes];
        _random.NextBytes(digest);
        return new(new(_executed), [.. requests], default, new(digest));
    }

    private Request Next(ImmutableArray<ReadOnlyMemory<byte>> operations)
    {
        var session = _turn++ % Sessions;
        return new(new(Client(session), new(session + 1), ++_numbers[session]), operations, default);
    }

    private ReadOnlyMemory<byte> PutAny() => Put(_random.Next(Keys));

    private ReadOnlyMemory<byte> GetAny() => KeyValueOperation.Get(Key(_random.Next(Keys)));

    private byte[] Put(int key)
    {
        _random.NextBytes(_value);
        return KeyValueOperation.Put(Key(key), _value);
    }

    private static string Key(int number) => $"user/{number:D8}";
}
