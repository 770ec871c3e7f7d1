using Orleans.Concurrency;
using Orleans.Execution;

namespace Orleans.Embedded.Tests;

/// <summary>When a grain's code runs: one turn at a time, each request to its end, except where told otherwise.</summary>
public sealed class TurnTests
{
    [Fact]
    public async Task Turns_of_one_activation_never_overlap_whoever_calls()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var worker = silo.Client.GetGrain<IReentrantWorker>(1);
        var held = worker.HoldTurn("all have called");
        using var called = new CountdownEvent(8);
        var callers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var first = worker.CountWithAwaits(awaits: 3);
            if (called.Signal()) silo.Probe.Open("all have called");
            await first;
            for (var i = 1; i < 500; i++) await worker.CountWithAwaits(awaits: 3);
        }));

        await Task.WhenAll(callers.Append(held));

        var tally = await worker.Tally();
        Assert.Equal(8 * 500 * 4, tally.Turns);
        Assert.Equal(0, tally.Overlaps);
        Assert.True(tally.Interleaved > 0, "No two requests interleaved: the test shows nothing.");
    }

    [Fact]
    public async Task One_way_calls_of_one_caller_arrive_in_the_order_they_were_made()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var worker = silo.Client.GetGrain<IWorker>(1);

        for (var i = 0; i < 10_000; i++) _ = worker.Append(i);

        Assert.Equal(Enumerable.Range(0, 10_000), await worker.Appended());
    }

    [Fact]
    public async Task A_request_starts_only_when_the_one_before_has_ended()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var worker = silo.Client.GetGrain<IWorker>(1);
        var first = worker.Pass("first");
        var second = worker.Pass("second");
        Assert.Equal("waits at first", await silo.Probe.NextAsync());

        silo.Probe.Open("second");
        await worker.Interleave("between");
        silo.Probe.Open("first");
        await Task.WhenAll(first, second);

        Assert.Equal(["between", "passed first", "waits at second", "passed second"], silo.Probe.Said());
    }

    [Fact]
    public async Task A_reentrant_grain_starts_a_request_while_another_waits()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var worker = silo.Client.GetGrain<IReentrantWorker>(1);
        var first = worker.Pass("first");
        Assert.Equal("waits at first", await silo.Probe.NextAsync());

        silo.Probe.Open("second");
        await worker.Pass("second");
        Assert.False(first.IsCompleted);

        silo.Probe.Open("first");
        await first;
    }

    [Fact]
    public async Task An_interleaving_request_does_not_let_others_in()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var worker = silo.Client.GetGrain<IWorker>(1);
        var blocking = worker.Pass("blocking");
        Assert.Equal("waits at blocking", await silo.Probe.NextAsync());
        var queued = worker.Append(1);

        await worker.Interleave("in");
        await worker.Interleave("in again");

        Assert.Equal(["in", "in again"], silo.Probe.Said());
        silo.Probe.Open("blocking");
        await Task.WhenAll(blocking, queued);
        Assert.Equal([1], await worker.Appended());
    }

    [Fact]
    public async Task What_follows_an_await_is_a_turn_of_the_same_activation()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var worker = silo.Client.GetGrain<IWorker>(1);

        var onTurn = await worker.WhereAmI();

        Assert.Equal([true, true, true, false, true], onTurn);
    }

    [Fact]
    public async Task A_grain_that_answers_never_runs_what_its_caller_does_next()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var worker = silo.Client.GetGrain<IWorker>(1);

        var (turn, scheduler) = await Task.Run(async () =>
        {
            await worker.Appended();
            return (TurnContext.Current, TaskScheduler.Current);
        });

        Assert.Null(turn);
        Assert.Same(TaskScheduler.Default, scheduler);
    }

    [Fact]
    public async Task A_grain_may_call_itself_one_way_and_does_it_after_the_present_request()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var worker = silo.Client.GetGrain<IWorker>(1);

        await worker.AppendThenSelf(1, 2);

        Assert.Equal([1, 2], await worker.Appended());
    }

    [Fact]
    public async Task A_grain_that_awaits_itself_is_freed_by_the_response_timeout()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var worker = silo.Client.GetGrain<IWorker>(1);
        var call = worker.AwaitSelf();
        Assert.Equal("awaits itself", await silo.Probe.NextAsync());

        silo.Time.Advance(TimeSpan.FromSeconds(31));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
        await worker.Append(1);
        Assert.Equal([1], await worker.Appended());
    }

    [Fact]
    public async Task Two_grains_call_each_other_to_and_fro()
    {
        await using var silo = await EmbeddedSilo.StartAsync();

        Assert.Equal(100, await silo.Client.GetGrain<IReentrantWorker>(1).Rally(hits: 100, other: 2));
    }

    [Fact]
    public async Task Neither_requests_nor_continuations_starve_the_other()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var worker = silo.Client.GetGrain<IReentrantWorker>(1);
        using var stop = new CancellationTokenSource();
        var spinning = worker.YieldUntil(stop.Token);

        for (var i = 0; i < 100; i++) await worker.CountWithAwaits(awaits: 1);

        await stop.CancelAsync();
        await spinning;
    }

    [Fact]
    public async Task What_a_request_leaves_in_async_locals_does_not_reach_the_next()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var worker = silo.Client.GetGrain<IWorker>(1);

        _ = worker.SetLocal("leaked");

        Assert.Null(await worker.GetLocal());
    }

    internal interface IWorker : IGrainWithIntegerKey
    {
        [OneWay]
        Task Append(int value);

        Task<List<int>> Appended();

        Task Pass(string gate);

        [AlwaysInterleave]
        Task Interleave(string what);

        Task<bool[]> WhereAmI();

        Task AppendThenSelf(int now, int then);

        Task AwaitSelf();

        [OneWay]
        Task SetLocal(string value);

        Task<string?> GetLocal();
    }

    internal interface IReentrantWorker : IGrainWithIntegerKey
    {
        Task HoldTurn(string gate);

        Task CountWithAwaits(int awaits);

        Task<Tally> Tally();

        Task Pass(string gate);

        Task YieldUntil(CancellationToken stop);

        Task<int> Rally(int hits, long other);
    }

    [Immutable]
    internal sealed record Tally(int Turns, int Overlaps, int Interleaved);

    internal sealed class WorkerGrain(Probe probe) : Grain, IWorker
    {
        private static readonly AsyncLocal<string?> Local = new();
        private readonly List<int> _appended = [];

        public Task Append(int value)
        {
            _appended.Add(value);
            return Task.CompletedTask;
        }

        public Task<List<int>> Appended() => Task.FromResult<List<int>>([.. _appended]);

        public async Task Pass(string gate)
        {
            probe.Say($"waits at {gate}");
            await probe.PassAsync(gate);
            probe.Say($"passed {gate}");
        }

        public Task Interleave(string what)
        {
            probe.Say(what);
            return Task.CompletedTask;
        }

        public async Task<bool[]> WhereAmI()
        {
            List<bool> onTurn = [IsOnTurn()];
            await Task.Yield();
            onTurn.Add(IsOnTurn());
            var elsewhere = await Task.Run(IsOnTurn);
            onTurn.Add(IsOnTurn());
            onTurn.Add(elsewhere);
            await Task.Factory.StartNew(
                () => onTurn.Add(IsOnTurn()), CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current);
            return [.. onTurn];

            bool IsOnTurn() => ReferenceEquals(TurnContext.Current, GrainContext) && TaskScheduler.Current is ActivationTaskScheduler;
        }

        public Task AppendThenSelf(int now, int then)
        {
            _ = this.AsReference<IWorker>().Append(then);
            return Append(now);
        }

        public Task AwaitSelf()
        {
            var call = this.AsReference<IWorker>().Appended();
            probe.Say("awaits itself");
            return call;
        }

        public Task SetLocal(string value)
        {
            Local.Value = value;
            return Task.CompletedTask;
        }

        public Task<string?> GetLocal() => Task.FromResult(Local.Value);
    }

    [Reentrant]
    internal sealed class ReentrantWorkerGrain(Probe probe) : Grain, IReentrantWorker
    {
        private int _inside;
        private int _overlaps;
        private int _turns;
        private int _open;
        private int _interleaved;

        // Blocks its thread on purpose: all that is called meanwhile waits, and interleaves afterwards.
        public Task HoldTurn(string gate)
        {
            probe.PassAsync(gate).Wait();
            return Task.CompletedTask;
        }

        public async Task CountWithAwaits(int awaits)
        {
            if (_open++ > 0) _interleaved++;
            CountTurn();
            for (var i = 0; i < awaits; i++)
            {
                await Task.Yield();
                CountTurn();
            }

            _open--;
        }

        public Task<Tally> Tally() => Task.FromResult(new Tally(_turns, _overlaps, _interleaved));

        public async Task Pass(string gate)
        {
            probe.Say($"waits at {gate}");
            await probe.PassAsync(gate);
        }

        public async Task YieldUntil(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested) await Task.Yield();
        }

        public async Task<int> Rally(int hits, long other) =>
            hits == 0 ? 0 : 1 + await GrainFactory.GetGrain<IReentrantWorker>(other).Rally(hits - 1, this.GetPrimaryKeyLong());

        // _turns is deliberately not incremented atomically: only turns that never overlap count right.
        private void CountTurn()
        {
            if (Interlocked.Increment(ref _inside) != 1) _overlaps++;
            var turns = _turns;
            Thread.SpinWait(20);
            _turns = turns + 1;
            Interlocked.Decrement(ref _inside);
        }
    }
}
