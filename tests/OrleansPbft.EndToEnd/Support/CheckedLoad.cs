using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using OrleansPbft.Client;
using OrleansPbft.Cryptography;
using OrleansPbft.Services;
using OrleansPbft.Tests;

namespace OrleansPbft.EndToEnd;

/// <summary>Clients that load a federation as its users do, remember what they are told, and in the end hold the cluster to it.</summary>
/// <remarks>They increment shared counters, once each, and put values of their own, again until they are told that it is done. An outcome that
/// nobody told them is remembered as unknown.</remarks>
internal sealed class CheckedLoad : IAsyncDisposable
{
    private const int Counters = 3;

    private readonly string _name = $"load-{Guid.NewGuid():N}"[..13];
    private readonly KeyPair _keys;
    private readonly ClusterConnection _connection;
    private readonly CheckedCounter[] _counters;
    private readonly ConcurrentDictionary<string, Put> _puts = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;
    private readonly Lock _gate = new();
    private readonly List<(long Goal, TaskCompletionSource Reached)> _waiting = []; // gate
    private long _acknowledged;
    private long _unknown;

    /// <summary>Begins at once.</summary>
    public CheckedLoad(ClusterFile file, string keyFile, int clients)
    {
        _keys = KeyFile.Load(keyFile);
        _connection = new(file, _keys, new() { ReconnectAfterMax = TimeSpan.FromSeconds(1) });
        _counters = [.. Enumerable.Range(0, Counters).Select(i => new CheckedCounter($"{_name}/counter/{i}"))];
        _running = Task.WhenAll(Enumerable.Range(0, clients).Select(i => Task.Run(() => RunAsync(i))));
    }

    /// <summary>How many operations were acknowledged until now.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Of how many the outcome is unknown until now.</summary>
    public long Unknown => Interlocked.Read(ref _unknown);

    /// <summary>Waits until so many more operations were acknowledged.</summary>
    public async Task GoesOnAsync(int more = 20)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate) _waiting.Add((Acknowledged + more, reached));
        var ended = await Task.WhenAny(reached.Task, _running).InTime();
        await ended; // clients that failed say why
        if (ended == _running) throw new InvalidOperationException("The clients have ended.");
    }

    /// <summary>Has the clients end what they have begun, and compares what they were told with what is there.</summary>
    public async Task<LoadReport> EndAsync()
    {
        await _end.CancelAsync();
        await _running.InTime();
        await using var client = _connection.CreateClient(_keys, new() { RequestTimeout = SafetyNet.Limit });
        var store = new KeyValueClient(client);
        var problems = new List<string>();
        var (lost, doubled) = (0L, 0L);
        foreach (var counter in _counters)
        {
            var answer = await store.GetAsync(counter.Key, ordered: true).InTime();
            var value = answer.Result.Outcome == KeyValueOutcome.NotFound ? 0 : NumberOf(answer);
            var (less, more, found) = counter.Compare(value);
            (lost, doubled) = (lost + less, doubled + more);
            problems.AddRange(found);
        }

        var stored = await ListAsync(store);
        foreach (var (key, put) in _puts)
        {
            stored.Remove(key, out var item);
            if (item is null && put.IsAcknowledged) lost++;
            if (item is not null && put.IsDoubled(item)) doubled++;
            if (put.FindProblem(key, item) is { } problem) problems.Add(problem);
        }

        foreach (var key in stored.Keys) problems.Add($"{key} is there, and nobody put it.");
        return new(Acknowledged, Unknown, lost, doubled, problems);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _connection.DisposeAsync(); // whoever still waits is told
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it was asked before, or the test has failed already
        _keys.Dispose();
        _end.Dispose();
    }

    private static long NumberOf(in KeyValueAnswer answer) => long.Parse(Encoding.UTF8.GetString(answer.Result.Value.Span), CultureInfo.InvariantCulture);

    private async Task RunAsync(int number)
    {
        await using var client = _connection.CreateClient(_keys, new() { RequestTimeout = TimeSpan.FromSeconds(5) });
        var store = new KeyValueClient(client);
        for (var i = 0; !_end.IsCancellationRequested; i++)
        {
            if (i % 2 == 0) await IncrementAsync(store, _counters[(number + (i / 2)) % Counters]);
            else await PutAsync(store, $"{_name}/put/{number}/{i}");
        }
    }

    private async Task IncrementAsync(KeyValueClient store, CheckedCounter counter)
    {
        var before = counter.Highest;
        try
        {
            counter.OnAcknowledged(NumberOf(await store.IncrementAsync(counter.Key)), before);
            OnAcknowledged();
        }
        catch (PbftException failure) when (failure is not (PbftFaultyClusterException or PbftOperationException))
        {
            if (!failure.MayHaveExecuted) return;
            counter.OnUnknown();
            Interlocked.Increment(ref _unknown);
        }
    }

    private async Task PutAsync(KeyValueClient store, string key)
    {
        var put = _puts.GetOrAdd(key, static key => new(Encoding.UTF8.GetBytes($"value of {key}")));
        while (true)
        {
            try
            {
                put.AcknowledgedVersion = (await store.PutAsync(key, put.Value)).Result.Version;
                OnAcknowledged();
                return;
            }
            catch (PbftException failure) when (failure is not (PbftFaultyClusterException or PbftOperationException))
            {
                if (failure.MayHaveExecuted)
                {
                    put.Unknown++;
                    Interlocked.Increment(ref _unknown);
                }

                if (_end.IsCancellationRequested) return;
            }
        }
    }

    private void OnAcknowledged()
    {
        var now = Interlocked.Increment(ref _acknowledged);
        lock (_gate)
        {
            _waiting.RemoveAll(one =>
            {
                if (one.Goal > now) return false;
                one.Reached.SetResult();
                return true;
            });
        }
    }

    private async Task<Dictionary<string, KeyValueItem>> ListAsync(KeyValueClient store)
    {
        var all = new Dictionary<string, KeyValueItem>(StringComparer.Ordinal);
        string? after = null;
        do
        {
            var page = await store.ListAsync($"{_name}/put/", after, ordered: true).InTime();
            foreach (var item in page.Result.Items) all.Add(item.Key, item);
            after = page.Result.Next;
        }
        while (after is not null);
        return all;
    }

    /// <summary>One value, and what its client was told.</summary>
    private sealed class Put(byte[] value)
    {
        public byte[] Value => value;

        /// <summary>How often it may have been written beside the time that was acknowledged.</summary>
        public int Unknown { get; set; }

        /// <summary>The store's version that the acknowledged write made: every write makes a new one.</summary>
        public long AcknowledgedVersion { get; set; }

        public bool IsAcknowledged => AcknowledgedVersion > 0;

        /// <summary>Whether it was written once more than its client asked for.</summary>
        public bool IsDoubled(KeyValueItem item) => IsAcknowledged && Unknown == 0 && item.Version > AcknowledgedVersion;

        public string? FindProblem(string key, KeyValueItem? item)
        {
            if (item is null) return IsAcknowledged ? $"{key} was acknowledged as version {AcknowledgedVersion}, and is not there." : null;
            if (!item.Value.Span.SequenceEqual(value)) return $"{key} is there with another value.";
            return IsDoubled(item) || item.Version < AcknowledgedVersion || (!IsAcknowledged && Unknown == 0)
                ? $"{key} has version {item.Version}; it was acknowledged as version {AcknowledgedVersion}, and of {Unknown} more writes the outcome is unknown."
                : null;
        }
    }
}
