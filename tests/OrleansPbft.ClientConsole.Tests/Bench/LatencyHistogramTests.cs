using OrleansPbft.ClientConsole.Bench;

namespace OrleansPbft.ClientConsole.Tests.Bench;

public sealed class LatencyHistogramTests
{
    private static readonly double[] Percents = [0, 1, 25, 50, 90, 99, 99.9, 99.99, 100];

    [Theory]
    [InlineData(1, 200, 5_000)]
    [InlineData(2, 100_000, 20_000)]
    [InlineData(3, 4_000_000_000, 20_000)]
    public void A_percentile_is_never_too_low_and_at_most_one_in_128_too_high(int seed, long most, int count)
    {
        var random = new Random(seed);
        var recorded = new long[count];
        var histogram = new LatencyHistogram();
        for (var i = 0; i < count; i++)
        {
            recorded[i] = (long)Math.Exp(random.NextDouble() * Math.Log(most));
            histogram.Record(TimeSpan.FromMicroseconds(recorded[i]));
        }

        Array.Sort(recorded);
        foreach (var percent in Percents)
        {
            var exact = recorded[Math.Max(1, (int)Math.Ceiling(count * percent / 100)) - 1];
            var said = (long)histogram.Percentile(percent).TotalMicroseconds;
            Assert.InRange(said, exact, exact + (exact / 128));
        }

        Assert.Equal(recorded[^1], (long)histogram.Max.TotalMicroseconds);
        Assert.Equal(count, histogram.Count);
    }

    [Fact]
    public void Below_128_microseconds_it_is_exact()
    {
        for (var microseconds = 0; microseconds < 128; microseconds++)
        {
            var histogram = new LatencyHistogram();
            histogram.Record(TimeSpan.FromMicroseconds(microseconds));
            histogram.Record(TimeSpan.FromMicroseconds(1000));
            Assert.Equal(microseconds, (int)histogram.Percentile(50).TotalMicroseconds);
        }
    }

    [Fact]
    public void Two_added_up_are_one_that_recorded_both()
    {
        var random = new Random(7);
        var (left, right, both) = (new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram());
        for (var i = 0; i < 10_000; i++)
        {
            var duration = TimeSpan.FromMicroseconds(random.Next(1, 1_000_000));
            (i % 3 == 0 ? left : right).Record(duration);
            both.Record(duration);
        }

        left.Add(right);

        Assert.Equal(both.Count, left.Count);
        Assert.Equal(both.Max, left.Max);
        Assert.All(Percents, percent => Assert.Equal(both.Percentile(percent), left.Percentile(percent)));
    }

    [Fact]
    public void What_is_out_of_range_counts_at_its_end()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromSeconds(-1));
        histogram.Record(TimeSpan.FromDays(2));

        Assert.Equal(TimeSpan.Zero, histogram.Percentile(50));
        Assert.Equal(LatencyHistogram.MicrosecondsMax, (long)histogram.Percentile(100).TotalMicroseconds);
        Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Percentile(99));
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Percentile(100.1));
    }
}
