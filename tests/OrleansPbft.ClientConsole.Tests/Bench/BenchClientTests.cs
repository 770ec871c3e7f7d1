using System.Collections.Immutable;
using OrleansPbft.Client;
using OrleansPbft.ClientConsole.Bench;
using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Tests.Bench;

public sealed class BenchClientTests
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_together_send_exactly_as_many_requests_as_the_gate_lets_in()
    {
        var fakes = Enumerable.Range(0, 5).Select(static _ => new FakeClient(static _ => FakeClient.Written)).ToArray();
        var gate = BenchGate.For(103, Clock);
        var tallies = fakes.Select(static _ => new BenchTally()).ToArray();

        await Task.WhenAll(fakes.Select((fake, i) => Loop(fake, i).RunAsync(gate, tallies[i], Cancelled)));

        Assert.Equal(103, fakes.Sum(static fake => fake.Requests));
        Assert.Equal(103, tallies.Sum(static tally => tally.Requests));
        Assert.Equal(1030, tallies.Sum(static tally => tally.Reads + tally.Writes));
        Assert.Equal(103, tallies.Sum(static tally => tally.Latency.Count));
        Assert.All(tallies, static tally => Assert.Empty(tally.Errors));
    }

    [Fact]
    public async Task A_gate_for_a_time_closes_when_it_is_over()
    {
        var time = new SteppedTime();
        var gate = BenchGate.For(TimeSpan.FromSeconds(10), time);

        Assert.True(gate.TryEnter());
        time.Advance(TimeSpan.FromSeconds(9.999));
        Assert.True(gate.TryEnter());
        time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.False(gate.TryEnter());
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_busy_cluster_is_asked_again_and_is_no_error()
    {
        var fake = new FakeClient(static place => place <= 2 ? new PbftBusyException("busy", TimeSpan.Zero, true) : FakeClient.Written);
        var tally = new BenchTally();

        await Loop(fake).RunAsync(BenchGate.For(1, Clock), tally, Cancelled);

        Assert.Equal((3, 1, 2), (fake.Requests, tally.Requests, tally.Busy));
        Assert.Empty(tally.Errors);
    }

    [Fact]
    public async Task Failures_are_counted_by_kind_and_the_loop_goes_on()
    {
        var fake = new FakeClient(static place => place % 2 == 0 ? new PbftTimeoutException("late", true) : FakeClient.Written);
        var tally = new BenchTally();

        await Loop(fake).RunAsync(BenchGate.For(10, Clock), tally, Cancelled);

        Assert.Equal(5, tally.Requests);
        Assert.Equal(5, tally.Errors[nameof(PbftTimeoutException)]);
        Assert.Null(tally.GaveUpBecause);
    }

    [Fact]
    public async Task A_cluster_that_is_gone_is_not_asked_for_ever()
    {
        var fake = new FakeClient(static _ => new PbftConnectionException("gone", false));
        var tally = new BenchTally();

        await Loop(fake).RunAsync(BenchGate.For(1_000_000, Clock), tally, Cancelled);

        Assert.Equal(BenchClient.FailuresInARowMax, fake.Requests);
        Assert.Equal(BenchClient.FailuresInARowMax, tally.Errors[nameof(PbftConnectionException)]);
        Assert.Equal("gone", tally.GaveUpBecause);
    }

    [Fact]
    public async Task Every_result_is_looked_at()
    {
        ImmutableArray<OperationResult> mixed =
        [
            FakeClient.Written,
            new(OperationStatus.Rejected, default),
            new(OperationStatus.Done, new byte[] { (byte)KeyValueOutcome.VersionMismatch }),
            new(OperationStatus.Done, default),
            .. Enumerable.Repeat(FakeClient.Written, 6),
        ];
        var fake = new FakeClient(place => place == 1 ? mixed : ImmutableArray.Create(FakeClient.Written));
        var tally = new BenchTally();

        await Loop(fake).RunAsync(BenchGate.For(2, Clock), tally, Cancelled);

        Assert.Equal(1, tally.Errors[nameof(OperationStatus.Rejected)]);
        Assert.Equal(2, tally.Errors["WrongResult"]);
        Assert.Equal(1, tally.Errors["WrongNumberOfResults"]);
    }

    [Theory]
    [InlineData(0, KeyValueOutcome.Written, true)]
    [InlineData(0, KeyValueOutcome.Found, false)]
    [InlineData(0, KeyValueOutcome.NotFound, false)]
    [InlineData(100, KeyValueOutcome.Found, true)]
    [InlineData(100, KeyValueOutcome.NotFound, true)]
    [InlineData(100, KeyValueOutcome.Written, false)]
    public async Task A_write_is_answered_as_a_write_and_a_read_as_a_read(int reads, KeyValueOutcome outcome, bool isRight)
    {
        var fake = new FakeClient(_ => new OperationResult(OperationStatus.Done, new byte[] { (byte)outcome }));
        var tally = new BenchTally();

        await new BenchClient(fake, new(new() { Bundle = 10, Reads = reads }, 0), Clock).RunAsync(BenchGate.For(1, Clock), tally, Cancelled);

        Assert.Equal(isRight ? 0 : 10, tally.Failed);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task Reads_are_queries_unless_they_are_to_be_ordered(bool ordered, int queries)
    {
        var fake = new FakeClient(static _ => new OperationResult(OperationStatus.Done, new byte[] { (byte)KeyValueOutcome.Found }));
        var tally = new BenchTally();

        await new BenchClient(fake, new(new() { Bundle = 10, Reads = 100, Ordered = ordered }, 0), Clock).RunAsync(BenchGate.For(1, Clock), tally, Cancelled);

        Assert.Equal((queries, queries), (fake.Queries, tally.QuorumReads));
        Assert.Equal((0, 10), (tally.OrderedReads, tally.Reads));
    }

    [Fact]
    public async Task Stopped_it_counts_what_was_answered_and_no_error()
    {
        using var stop = new CancellationTokenSource();
        var fake = new FakeClient(place =>
        {
            if (place < 4) return FakeClient.Written;
            stop.Cancel();
            return new OperationCanceledException(stop.Token);
        });
        var tally = new BenchTally();

        await Loop(fake).RunAsync(BenchGate.For(1_000_000, Clock), tally, stop.Token);

        Assert.Equal(3, tally.Requests);
        Assert.Empty(tally.Errors);
    }

    private static BenchClient Loop(FakeClient fake, int index = 0) => new(fake, new(new() { Bundle = 10 }, index), Clock);

    private sealed class SteppedTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by) => _now += (long)by.TotalMicroseconds;
    }
}
