using System.Text;
using OrleansPbft.Simulation.Generals;

namespace OrleansPbft.Simulation.Tests;

/// <summary>Attack or retreat: what loyal generals are owed, and what more traitors than f can do.</summary>
public sealed class GeneralsTests
{
    [Theory]
    [InlineData(4, 1)]
    [InlineData(5, 1)]
    [InlineData(7, 2)]
    [InlineData(10, 3)]
    [InlineData(16, 5)]
    public void Up_to_f_traitors_keep_no_two_loyal_generals_from_the_same_decision(int generals, int traitors)
    {
        var orders = Orders(generals);
        var lies = 0L;
        for (var seed = 1UL; seed <= 10; seed++)
        {
            var report = GeneralsRun.Execute(orders, traitors, seed);

            Assert.Equal(generals - traitors, report.Loyal.Count);
            Assert.All(report.Loyal, static general => Assert.NotNull(general.Decision));
            var decision = Assert.Single(report.Loyal.Select(static general => Encoding.UTF8.GetString(general.Decision!.Value.Span)).Distinct());
            Assert.Contains(decision, orders.Take(generals - traitors));
            Assert.True(report.HaveOneState);
            lies += report.Lies;
        }

        Assert.True(lies > 0, "no traitor lied: this shows nothing");
    }

    [Fact]
    public void More_than_f_traitors_are_enough_to_keep_them_from_it()
    {
        var agreed = Enumerable.Range(1, 10).Select(static seed => GeneralsRun.Execute(Orders(4), 2, (ulong)seed)).Count(static report => report.Loyal
            .Select(static general => general.Decision is { } decision ? Encoding.UTF8.GetString(decision.Value.Span) : "nothing").Distinct().ToArray() is ["attack" or "retreat"]);

        Assert.True(agreed < 10);
    }

    [Fact]
    public void The_same_seed_is_the_same_council()
    {
        Assert.Equal(Describe(3), Describe(3));
        Assert.NotEqual(Describe(3), Describe(4));

        static string Describe(ulong seed)
        {
            var report = GeneralsRun.Execute(Orders(7), 2, seed);
            return $"{report.Elapsed} {report.Lies} {string.Join(';', report.Loyal.SelectMany(static general => general.Heard))}";
        }
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(65, 0)]
    [InlineData(4, 4)]
    [InlineData(4, -1)]
    public void Impossible_councils_are_refused(int generals, int traitors) =>
        Assert.Throws<ArgumentException>(() => GeneralsRun.Execute(Orders(generals), traitors, 1));

    private static string[] Orders(int generals) => [.. Enumerable.Range(0, generals).Select(static general => general % 2 == 0 ? "attack" : "retreat")];
}
