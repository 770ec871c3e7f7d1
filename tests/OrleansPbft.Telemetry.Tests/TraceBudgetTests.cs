using System.Diagnostics;
using OrleansPbft.Client;

namespace OrleansPbft.Telemetry.Tests;

/// <summary>What others ask to be traced is bounded, and read as what it is: a hint.</summary>
public sealed class TraceBudgetTests
{
    [Fact]
    public void So_many_are_taken_in_a_second_and_no_more()
    {
        var budget = new TraceBudget(3);

        Assert.Equal(3, Enumerable.Range(0, 1000).Count(i => budget.TryTake(5_000_000 + i)));
        Assert.True(budget.TryTake(6_000_000));
        Assert.Equal(2, Enumerable.Range(0, 1000).Count(i => budget.TryTake(6_999_000 + i)));
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", false)]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false)]
    [InlineData("xx-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false)]
    [InlineData("                                                       ", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_the_context_of_a_recorded_span_is_followed(string? text, bool isFollowed)
    {
        Assert.Equal(isFollowed, Spans.TryRead(text, out var context));
        Assert.Equal(isFollowed, context.TraceFlags == ActivityTraceFlags.Recorded);
    }
}
