using System.Globalization;

namespace OrleansPbft.ClientConsole.Cost;

/// <summary>Where values lie along one side of a panel.</summary>
/// <param name="Min">The value at the beginning.</param>
/// <param name="Max">The value at the end; above the former.</param>
/// <param name="IsLogarithmic">Whether equal factors take equal room; else equal differences do.</param>
internal sealed record PlotScale(double Min, double Max, bool IsLogarithmic)
{
    /// <summary>A scale on which all values have room, whole decades or from 0 on.</summary>
    public static PlotScale For(IEnumerable<double> values, bool isLogarithmic)
    {
        var all = values.Where(static value => value > 0).DefaultIfEmpty(1).ToArray();
        if (!isLogarithmic) return new(0, Math.Ceiling(all.Max() + 1), false);
        var steps = Decades(0.001, 1e12).SelectMany(static decade => (double[])[decade, 2 * decade, 5 * decade]).ToArray();
        var min = steps.Last(step => step <= all.Min());
        var max = steps.First(step => step >= all.Max() * 1.05);
        return new(min, max, true);
    }

    /// <summary>The values to name, in ascending order.</summary>
    public IReadOnlyList<double> Ticks()
    {
        if (!IsLogarithmic) return [.. Enumerable.Range((int)Min, (int)(Max - Min) + 1).Select(static tick => (double)tick)];
        double[] between = Max / Min > 300 ? [1] : [1, 2, 5];
        return [.. Decades(0.001, 1e12).SelectMany(decade => between.Select(factor => factor * decade)).Where(tick => tick >= Min * 0.999 && tick <= Max * 1.001)];
    }

    /// <summary>Where a value lies: 0 at the beginning, 1 at the end.</summary>
    public double PlaceOf(double value) =>
        IsLogarithmic ? Math.Log(Math.Max(value, Min) / Min) / Math.Log(Max / Min) : (value - Min) / (Max - Min);

    /// <summary>A value as people read it: 20 000 as 20k.</summary>
    public static string Label(double value) => value switch
    {
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + "M",
        >= 1e3 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + "k",
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    private static IEnumerable<double> Decades(double from, double to)
    {
        for (var exponent = (int)Math.Round(Math.Log10(from)); exponent <= (int)Math.Round(Math.Log10(to)); exponent++) yield return Math.Pow(10, exponent);
    }
}
