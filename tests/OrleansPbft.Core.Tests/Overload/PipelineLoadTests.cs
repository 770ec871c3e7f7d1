namespace OrleansPbft.Core.Tests;

/// <summary>Whether a pipeline is busy (ADR 0017).</summary>
public sealed class PipelineLoadTests
{
    private readonly PipelineLoad _load = new(TimeSpan.FromMilliseconds(100));
    private Instant _now = Make.Noon;

    public PipelineLoadTests() => _load.Count(_now);

    /// <summary>A quarter of a period with something in flight are busy, less is not.</summary>
    [Theory]
    [InlineData(25, 75, true)]
    [InlineData(24, 76, false)]
    [InlineData(100, 0, true)]
    [InlineData(0, 100, false)]
    public void It_is_busy_where_something_is_in_flight_for_a_quarter_of_the_time(int inFlight, int idle, bool isBusy)
    {
        Pass(inFlight, isIdle: false);
        Assert.False(_load.IsBusy && idle > 0); // the period is not over
        Pass(idle, isIdle: true);

        Assert.Equal(isBusy, _load.IsBusy);
    }

    /// <summary>It starts from nothing with each period, and time in which nobody looked counts too.</summary>
    [Fact]
    public void A_pause_ends_it()
    {
        Pass(200, isIdle: false);
        Assert.True(_load.IsBusy);

        Pass(99, isIdle: true);
        Assert.True(_load.IsBusy);
        Pass(1000, isIdle: true);
        Assert.False(_load.IsBusy);
    }

    private void Pass(int milliseconds, bool isIdle)
    {
        _load.Tell(isIdle);
        _now = _now.Plus(TimeSpan.FromMilliseconds(milliseconds));
        _load.Count(_now);
    }
}
