using System.Text;
using System.Threading.Channels;
using OrleansPbft.Client;
using OrleansPbft.ClientConsole.Bench;
using OrleansPbft.Tests;

namespace OrleansPbft.ClientConsole.Tests.Bench;

public sealed class OpenLoopTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("5x", 5, true, 5_000)]
    [InlineData("0.5x", 0.5, true, 500)]
    [InlineData("20000", 20_000, false, 20_000)]
    [InlineData("2.5", 2.5, false, 2.5)]
    public void A_rate_is_a_number_or_a_multiple(string text, double value, bool isMultiple, double perSecond)
    {
        Assert.True(OpenLoopRate.TryParse(text, out var rate));
        Assert.Equal(new(value, isMultiple), rate.Value);
        Assert.Equal(perSecond, rate.Value.PerSecond(capacity: 1_000));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("5 x")]
    [InlineData("1e3")]
    [InlineData("NaN")]
    [InlineData("99999999")]
    public void What_is_no_rate_is_refused(string text) => Assert.False(OpenLoopRate.TryParse(text, out _));

    [Fact]
    public void An_open_loop_only_writes_and_ends_with_the_time()
    {
        Assert.Empty(new BenchOptions { OpenLoop = new(5, true) }.Problems());
        Assert.Equal(
            ["An open loop writes only: leave --reads out.", "An open loop ends with the time: --duration, not --operations."],
            new BenchOptions { OpenLoop = new(5, true), Reads = 1, Operations = 9 }.Problems());
    }

    /// <summary>Requests begin when they are to, though none is answered; and their times count from there.</summary>
    [Fact]
    public async Task Requests_begin_in_time_whether_those_before_are_answered_or_not()
    {
        var time = new ManualTime();
        var silent = new SilentClient(time);
        var tally = new BenchTally();
        var loop = new OpenLoopClient(silent, new(new() { Bundle = 2 }, 0), tally, time);

        var offering = loop.OfferAsync(Milliseconds(5), Milliseconds(10), Milliseconds(100), Cancelled);
        for (var i = 0; i < 10; i++)
        {
            await WaitsAsync(time);
            time.Advance(i == 0 ? Milliseconds(5) : Milliseconds(10));
            Assert.Equal(Milliseconds(5 + (10 * i)), await silent.Begun.Reader.ReadAsync(Cancelled));
        }

        await WaitsAsync(time);
        time.Advance(Milliseconds(5));
        await offering.InTime();
        Assert.Equal((10, 0), (loop.Offered, loop.Accepted));
        foreach (var request in silent.Requests) request.SetResult(FakeClient.Answer(2));
        await loop.WaitAsync().InTime();

        Assert.Equal((10, 20), (tally.Requests, tally.Writes));
        Assert.Equal(Milliseconds(95), tally.Latency.Max); // the first was to begin at 5 ms
        Assert.Equal(0, loop.Accepted); // they came after the end
    }

    /// <summary>A late program does not make the cluster look faster: what was to begin is begun at once, and its time counts from when it was to.</summary>
    [Fact]
    public async Task What_begins_late_is_counted_from_when_it_was_to_begin()
    {
        var time = new ManualTime();
        var silent = new SilentClient(time);
        var tally = new BenchTally();
        var loop = new OpenLoopClient(silent, new(new() { Bundle = 1 }, 0), tally, time);

        var began = time.GetUtcNow();
        var offering = loop.OfferAsync(Milliseconds(10), Milliseconds(10), Milliseconds(100), Cancelled);
        await WaitsAsync(time);
        time.Advance(Milliseconds(100)); // all at once: how much of it the loop sees is the thread pool's affair
        while (!offering.IsCompleted)
        {
            time.Advance(Milliseconds(1));
            await Task.Yield();
        }

        await offering;
        Assert.Equal(9, silent.Requests.Count);
        foreach (var request in silent.Requests) request.SetResult(FakeClient.Answer(1));
        await loop.WaitAsync().InTime();

        var elapsed = time.GetUtcNow() - began;
        Assert.Equal(elapsed - Milliseconds(10), tally.Latency.Max);
        Assert.InRange(tally.Latency.Percentile(1), elapsed - Milliseconds(90), (elapsed - Milliseconds(90)) * 1.01);
    }

    [Fact]
    public async Task Busy_is_counted_and_no_error_and_errors_are_counted_by_kind()
    {
        var time = new ManualTime();
        var fake = new FakeClient(static place => (place % 3) switch
        {
            0 => new PbftBusyException("busy", TimeSpan.Zero, false),
            1 => new PbftTimeoutException("late", true),
            _ => FakeClient.Written,
        });
        var tally = new BenchTally();
        var loop = new OpenLoopClient(fake, new(new() { Bundle = 1 }, 0), tally, time);

        var offering = loop.OfferAsync(TimeSpan.Zero, Milliseconds(10), Milliseconds(90), Cancelled);
        for (var i = 0; i < 9; i++)
        {
            await WaitsAsync(time);
            time.Advance(Milliseconds(10));
        }

        await offering.InTime();
        await loop.WaitAsync().InTime();

        Assert.Equal((9, 3, 3), (loop.Offered, tally.Requests, tally.Busy));
        Assert.Equal(3, tally.Errors[nameof(PbftTimeoutException)]);
        Assert.Single(tally.Errors);
    }

    [Fact]
    public void Shares_are_those_of_the_poorest_the_middle_and_the_richest() => Assert.Equal(new(1, 5, 9), BenchShares.Of([9, 5, 1, 7, 3]));

    [Fact]
    public void Recovery_is_the_first_second_with_nine_tenths_of_what_was_before()
    {
        Assert.Equal(2, BenchRun.RecoveredAfter([10, 899, 900, 100], capacity: 1000));
        Assert.Null(BenchRun.RecoveredAfter([10, 899], capacity: 1000));
    }

    [Fact]
    public void The_report_says_how_each_fared()
    {
        var text = new StringBuilder();
        new BenchOverload
        {
            CapacityPerSecond = 1000,
            OfferedPerSecond = 5000,
            Offered = 600_000,
            Shares = new(1100, 1200, 1300),
            AfterPerSecond = 990,
            RecoveredAfterSeconds = 2,
        }.AppendTo(text);

        Assert.Equal(
            """
              offered     600,000 requests = 5,000 requests/s, 5.0 times the 1,000 requests/s of closed loops before
              shares      min 1,100, median 1,200, max 1,300 requests answered per client
              after       990 requests/s from 10 s after the load on; nine tenths of that before after 2 s

            """,
            text.ToString(),
            ignoreLineEndingDifferences: true);
    }

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>Waits until somebody waits for the time.</summary>
    private static async Task WaitsAsync(ManualTime time)
    {
        while (time.Armed == 0)
        {
            Cancelled.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Answers nothing until it is told to, and notes when each request began.</summary>
    private sealed class SilentClient(ManualTime time) : IPbftClient
    {
        private readonly DateTimeOffset _start = time.GetUtcNow();

        public List<TaskCompletionSource<BundleOutcome>> Requests { get; } = [];

        public Channel<TimeSpan> Begun { get; } = Channel.CreateUnbounded<TimeSpan>();

        public Task<BundleOutcome> SubmitAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, CancellationToken cancellationToken)
        {
            Requests.Add(new(TaskCreationOptions.RunContinuationsAsynchronously));
            Assert.True(Begun.Writer.TryWrite(time.GetUtcNow() - _start));
            return Requests[^1].Task;
        }

        public Task<BundleOutcome> QueryAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
