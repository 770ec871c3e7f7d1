using System.Globalization;
using System.Text;

namespace OrleansPbft.ClientConsole.Bench;

/// <summary>What an open loop found beside what every benchmark does.</summary>
internal sealed record BenchOverload
{
    /// <summary>Requests in a second that closed loops of the same clients got through just before.</summary>
    public required double CapacityPerSecond { get; init; }

    /// <summary>Requests in a second that were to begin.</summary>
    public required double OfferedPerSecond { get; init; }

    /// <summary>Requests that began.</summary>
    public required long Offered { get; init; }

    /// <summary>How many were answered while the load lasted, of the client with the fewest, of the one in the middle, of the one with the most.</summary>
    public required BenchShares Shares { get; init; }

    /// <summary>Requests in a second that closed loops got through from the eleventh second after the load on, for ten seconds.</summary>
    public required double AfterPerSecond { get; init; }

    /// <summary>After how many seconds closed loops got through nine tenths of <see cref="CapacityPerSecond"/> again; null when they did not in twenty.</summary>
    public required int? RecoveredAfterSeconds { get; init; }

    /// <summary>The lines of the report.</summary>
    public void AppendTo(StringBuilder text)
    {
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"  offered     {Offered:N0} requests = {OfferedPerSecond:N0} requests/s, {OfferedPerSecond / Math.Max(CapacityPerSecond, 1e-9):F1} times ");
        text.Append(culture, $"the {CapacityPerSecond:N0} requests/s of closed loops before\n");
        text.Append(culture, $"  shares      min {Shares.Min:N0}, median {Shares.Median:N0}, max {Shares.Max:N0} requests answered per client\n");
        var when = RecoveredAfterSeconds is { } seconds ? $"nine tenths of that before after {seconds} s" : "NINE TENTHS OF THAT BEFORE NOT REACHED in 20 s";
        text.Append(culture, $"  after       {AfterPerSecond:N0} requests/s from 10 s after the load on; {when}\n");
    }
}

/// <summary>How many requests clients had answered.</summary>
internal sealed record BenchShares(long Min, long Median, long Max)
{
    public static BenchShares Of(IEnumerable<long> answered)
    {
        var sorted = answered.Order().ToArray();
        return new(sorted[0], sorted[sorted.Length / 2], sorted[^1]);
    }
}
