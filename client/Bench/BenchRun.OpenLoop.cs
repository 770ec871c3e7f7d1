using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole.Bench;

/// <content>An open loop: what the cluster can do, then more than that, then what it can do again.</content>
internal sealed partial class BenchRun
{
    /// <summary>How many requests wait in one client beside those in flight: more are refused by the client itself, at once, and not kept until it is too late for them.</summary>
    private const int WaitingMax = 1;

    /// <summary>How long closed loops are measured before the load, and, beginning as long after it, again.</summary>
    private static readonly TimeSpan Reference = TimeSpan.FromSeconds(10);

    private PbftClientOptions BehaviourOf(TimeSpan timeout) =>
        _options.OpenLoop is null ? new() { RequestTimeout = timeout } : new() { RequestTimeout = timeout, WaitingMax = WaitingMax };

    private async Task<BenchReport> MeasureOpenLoopAsync(OpenLoopRate rate, BenchClient[] loops, BenchTally[] warmup, CancellationToken cancellationToken)
    {
        var before = await RunAllAsync(new("measuring what closed loops get through", Reference, null), loops, BenchGate.For(Reference, _time), cancellationToken);
        var capacity = before.Sum(static tally => tally.Requests) / Reference.TotalSeconds;
        var perSecond = rate.PerSecond(capacity);
        if (perSecond <= 0 || cancellationToken.IsCancellationRequested)
        {
            return await ReportAsync(before, warmup, Reference, overload: null, "It was stopped, or nothing was answered, before the load.");
        }

        var tallies = loops.Select(static _ => new BenchTally()).ToArray();
        var clients = tallies.Select((tally, i) => new OpenLoopClient(_clients[i], new(_options, i), tally, _time)).ToArray();
        var began = _time.GetTimestamp();
        await OfferAsync(clients, tallies, perSecond, cancellationToken);
        var elapsed = _time.GetElapsedTime(began);
        var (after, recovering) = await WatchRecoveryAsync(loops, cancellationToken);
        foreach (var client in clients) await client.WaitAsync();
        var overload = new BenchOverload
        {
            CapacityPerSecond = capacity,
            OfferedPerSecond = perSecond,
            Offered = clients.Sum(static client => client.Offered),
            Shares = BenchShares.Of(clients.Select(static client => client.Accepted)),
            AfterPerSecond = after.Skip((int)Reference.TotalSeconds).DefaultIfEmpty(0).Average(),
            RecoveredAfterSeconds = RecoveredAfter(after, capacity),
        };
        return await ReportAsync(tallies, [.. warmup, .. before, .. recovering], elapsed, overload, EndedEarly(recovering, cancellationToken.IsCancellationRequested));
    }

    /// <summary>After how many seconds nine tenths of a rate were reached; null when they never were.</summary>
    /// <param name="seconds">What was answered in each second.</param>
    /// <param name="capacity">The rate.</param>
    internal static int? RecoveredAfter(IReadOnlyList<long> seconds, double capacity)
    {
        for (var i = 0; i < seconds.Count; i++)
        {
            if (seconds[i] >= 0.9 * capacity) return i;
        }

        return null;
    }

    private async Task OfferAsync(OpenLoopClient[] clients, BenchTally[] tallies, double perSecond, CancellationToken cancellationToken)
    {
        var interval = TimeSpan.FromSeconds(clients.Length / perSecond);
        using var done = new CancellationTokenSource();
        var progress = new BenchProgress(_io, _time).ShowAsync(new("open loop", _options.Duration, null), tallies, done.Token);
        try
        {
            // Each client has its own phase, so that they do not begin all at once.
            await Task.WhenAll(clients.Select((client, i) => Task.Run(
                () => client.OfferAsync(interval * ((double)i / clients.Length), interval, _options.Duration, cancellationToken), CancellationToken.None)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It ends early, and what was measured until then is reported.
        }
        finally
        {
            await done.CancelAsync();
            await progress;
        }
    }

    /// <summary>Has closed loops run again for twice the reference time. How many requests were answered in each second, and all that was counted.</summary>
    private async Task<(List<long> Seconds, BenchTally[] Tallies)> WatchRecoveryAsync(BenchClient[] loops, CancellationToken cancellationToken)
    {
        var tallies = loops.Select(static _ => new BenchTally()).ToArray();
        var gate = BenchGate.For(2 * Reference, _time);
        var running = Task.WhenAll(loops.Select((loop, i) => Task.Run(() => loop.RunAsync(gate, tallies[i], cancellationToken), CancellationToken.None)));
        var seconds = new List<long>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _time);
        long before = 0;
        while (!gate.IsOver && !cancellationToken.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            var now = tallies.Sum(static tally => tally.Requests);
            seconds.Add(now - before);
            before = now;
        }

        await running;
        return (seconds, tallies);
    }
}
