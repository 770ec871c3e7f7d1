using OrleansPbft.Client;
using OrleansPbft.Cryptography;

namespace OrleansPbft.ClientConsole.Bench;

/// <summary>A benchmark from its first connection to its report.</summary>
internal sealed partial class BenchRun : IAsyncDisposable
{
    /// <summary>How many sessions are opened at a time.</summary>
    private const int OpenedAtOnce = 32;

    /// <summary>How long the replicas may take to have executed the same, once nothing is sent any more.</summary>
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan SettleInterval = TimeSpan.FromMilliseconds(50);

    private readonly ClusterTarget _target;
    private readonly BenchOptions _options;
    private readonly ConsoleIo _io;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly List<ClusterConnection> _connections = [];
    private readonly List<PbftClient> _clients = [];
    private readonly List<KeyPair> _keys = [];

    private BenchRun(ClusterTarget target, BenchOptions options, ConsoleIo io)
    {
        _target = target;
        _options = options;
        _io = io;
    }

    /// <summary>Runs a benchmark. Cancelled, it ends early and reports what was measured until then.</summary>
    /// <exception cref="UsageException">The options contradict themselves, or are more than the cluster takes.</exception>
    /// <exception cref="PbftException">The cluster can not be reached, or does not answer the first requests.</exception>
    public static async Task<BenchReport> RunAsync(ClusterTarget target, BenchOptions options, TimeSpan timeout, ConsoleIo io, CancellationToken cancellationToken)
    {
        Require(options.Problems());
        var cluster = await target.DescribeAsync(cancellationToken);
        Require(options.Problems(cluster));
        await using var run = new BenchRun(target, options, io);
        run.Connect(cluster, timeout);
        return await run.MeasureAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) await client.DisposeAsync();
        foreach (var connection in _connections) await connection.DisposeAsync();
        foreach (var keys in _keys) keys.Dispose();
    }

    private static void Require(IReadOnlyList<string> problems)
    {
        if (problems.Count > 0) throw new UsageException(string.Join(Environment.NewLine, problems));
    }

    private void Connect(ClusterInfo cluster, TimeSpan timeout)
    {
        var verifier = new SignatureVerifier(new SignatureCache()); // replicas sign a batch of replies once; verify it once, too

        // Replicas send a client's replies over all of its connections, and a folder has one client: more than one would only cost.
        var shared = _target.Folder is null ? null : _target.CreateKeys();
        var connections = shared is null ? Math.Min(_options.Connections, _options.Clients) : 1;
        if (shared is not null) _keys.Add(shared);
        for (var i = 0; i < connections; i++) _connections.Add(_target.Connect(cluster, shared, verifier));
        for (var i = 0; i < _options.Clients; i++)
        {
            _clients.Add(_connections[i % _connections.Count].CreateClient(shared ?? KeyOf(), BehaviourOf(timeout)));
        }

        KeyPair KeyOf()
        {
            var keys = KeyPair.Create();
            _keys.Add(keys);
            return keys;
        }
    }

    private async Task<BenchReport> MeasureAsync(CancellationToken cancellationToken)
    {
        var loops = _clients.Select((client, index) => new BenchClient(client, new(_options, index), _time)).ToArray();
        await Parallel.ForEachAsync(
            loops,
            new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce, CancellationToken = cancellationToken },
            static async (loop, cancelled) => await loop.OpenAsync(cancelled));

        var warmup = _options.Warmup > TimeSpan.Zero
            ? await RunAllAsync(new("warming up", _options.Warmup, null), loops, BenchGate.For(_options.Warmup, _time), cancellationToken)
            : [];
        if (_options.OpenLoop is { } rate) return await MeasureOpenLoopAsync(rate, loops, warmup, cancellationToken);

        var began = _time.GetTimestamp();
        var gate = _options.Requests is { } requests ? BenchGate.For(requests, _time) : BenchGate.For(_options.Duration, _time);
        var line = new ProgressLine("measuring", _options.Requests is null ? _options.Duration : null, _options.Requests * _options.Bundle);
        var tallies = await RunAllAsync(line, loops, gate, cancellationToken);
        var elapsed = _time.GetElapsedTime(began);
        return await ReportAsync(tallies, warmup, elapsed, overload: null, EndedEarly(tallies, cancellationToken.IsCancellationRequested));
    }

    private async Task<BenchReport> ReportAsync(BenchTally[] tallies, BenchTally[] warmup, TimeSpan elapsed, BenchOverload? overload, string? endedEarly)
    {
        var tally = new BenchTally();
        foreach (var measured in tallies) tally.Add(measured);
        foreach (var warming in warmup) tally.AddErrors(warming); // not measured, but no run with errors is a good one

        var (status, problem) = await SettleAsync();
        return new()
        {
            Clients = _options.Clients,
            Bundle = _options.Bundle,
            Payload = _options.Payload,
            ReadPercent = _options.Reads,
            Connections = _connections.Count,
            Seconds = elapsed.TotalSeconds,
            Reads = tally.Reads,
            Writes = tally.Writes,
            Ordered = _options.Ordered,
            ReadRequests = new(tally.QuorumReads, tally.OrderedReads),
            Requests = tally.Requests,
            LatencyMs = BenchLatency.Of(tally.Latency),
            Errors = tally.Errors,
            Busy = tally.Busy,
            Overload = overload,
            EndedEarly = endedEarly,
            N = _clients[0].Cluster.Cluster.Replicas,
            View = status?.View,
            Replicas = [.. (status?.Replicas ?? []).Select(BenchReplica.Of)],
            StatusProblem = problem,
        };
    }

    private async Task<BenchTally[]> RunAllAsync(ProgressLine line, BenchClient[] loops, BenchGate gate, CancellationToken cancellationToken)
    {
        var tallies = loops.Select(static _ => new BenchTally()).ToArray();
        using var done = new CancellationTokenSource();
        var progress = new BenchProgress(_io, _time).ShowAsync(line, tallies, done.Token);
        try
        {
            await Task.WhenAll(loops.Select((loop, index) => Task.Run(() => loop.RunAsync(gate, tallies[index], cancellationToken), CancellationToken.None)));
        }
        finally
        {
            await done.CancelAsync();
            await progress;
        }

        return tallies;
    }

    /// <summary>Why not everything was done that was to be, as a sentence; null when it was.</summary>
    internal static string? EndedEarly(IReadOnlyCollection<BenchTally> tallies, bool wasCancelled)
    {
        var gaveUp = tallies.Where(static tally => tally.GaveUpBecause is not null).ToArray();
        if (gaveUp.Length > 0)
        {
            return $"{gaveUp.Length} of {tallies.Count} clients stopped after {BenchClient.FailuresInARowMax} failures in a row, "
                + $"one of them at: {gaveUp[0].GaveUpBecause}";
        }

        return wasCancelled ? "It was stopped before its end." : null;
    }

    /// <summary>Waits until all replicas have executed the same: f + 1 were enough for the answers, the others follow.</summary>
    /// <returns>Where they stand then, or why nobody can say; what was measured is worth reporting in any case.</returns>
    private async Task<(StatusDocument? Status, string? Problem)> SettleAsync()
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            StatusDocument status;
            try
            {
                status = await _target.FetchStatusAsync(CancellationToken.None);
            }
            catch (PbftConnectionException unreachable)
            {
                return (null, unreachable.Message);
            }

            var settled = status.Replicas.Select(static replica => replica.LastExecuted).Distinct().Count() == 1
                && status.Replicas.All(static replica => replica.StateDigest.Length > 0);
            if (settled || _time.GetElapsedTime(began) > SettleTimeout) return (status, null);
            await Task.Delay(SettleInterval, _time);
        }
    }
}
