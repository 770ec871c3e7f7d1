using System.Globalization;
using OrleansPbft.Simulation;

namespace OrleansPbft.ClientConsole.Simulate;

/// <summary>What to simulate.</summary>
/// <param name="First">The first seed.</param>
/// <param name="Last">The last seed.</param>
/// <param name="Changes">What is set in place of what each seed draws.</param>
/// <param name="Jobs">How many runs at a time.</param>
/// <param name="Trace">Whether to write down what happens; of one seed only.</param>
/// <param name="Filter">Words that a line of the trace must hold, all of them, to be written; <c>a|b</c> is either.</param>
/// <param name="ShrinkRuns">How many runs making a failing plan smaller may take; 0 leaves it as it is.</param>
internal sealed record SimulateOptions(ulong First, ulong Last, PlanChanges Changes, int Jobs, bool Trace, IReadOnlyList<string> Filter, int ShrinkRuns)
{
    /// <summary>Reads <c>7</c> or <c>1..2000</c>.</summary>
    /// <exception cref="UsageException">It is neither.</exception>
    public static (ulong First, ulong Last) ReadSeeds(string text)
    {
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        var first = dots < 0 ? text : text[..dots];
        var last = dots < 0 ? text : text[(dots + 2)..];
        return TryRead(first, out var from) && TryRead(last, out var to) && from <= to && to - from < int.MaxValue
            ? (from, to)
            : throw new UsageException($"'{text}' is no range of seeds. Write it as 1..2000.");

        static bool TryRead(string word, out ulong seed) => ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out seed);
    }

    /// <summary>Whether a line of the trace is wanted.</summary>
    public bool Shows(string line) =>
        Filter.All(word => word.Split('|').Any(part => line.Contains(part, StringComparison.OrdinalIgnoreCase)));
}
