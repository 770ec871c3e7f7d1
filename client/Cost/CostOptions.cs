using System.Globalization;
using OrleansPbft.Core;
using OrleansPbft.Simulation.Costs;

namespace OrleansPbft.ClientConsole.Cost;

/// <summary>Which clusters to measure.</summary>
internal sealed record CostOptions
{
    /// <summary>As many lines as a plot can show apart.</summary>
    public const int BatchesMax = 6;

    /// <summary>From one 3f + 1 to the next.</summary>
    private const int Step = 3;

    /// <summary>The smallest n.</summary>
    public required int From { get; init; }

    /// <summary>The largest n; the last that is measured may be one or two less.</summary>
    public required int To { get; init; }

    /// <summary>b: how many requests a batch has, in ascending order.</summary>
    public required IReadOnlyList<int> Batches { get; init; }

    /// <summary>How many requests are measured in each cluster.</summary>
    public required int Requests { get; init; }

    /// <summary>What keys and values are drawn from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The mode to measure; null for both.</summary>
    public required AuthenticationMode? Authentication { get; init; }

    /// <summary>All of them, by mode, batch and n.</summary>
    /// <exception cref="UsageException">What is asked for can not be measured.</exception>
    public IReadOnlyList<CostPlan> Plans()
    {
        if (From > To) throw new UsageException($"--from ({From}) must not be above --to ({To}).");
        var plans = new List<CostPlan>();
        AuthenticationMode[] modes = Authentication is { } one ? [one] : [AuthenticationMode.Signatures, AuthenticationMode.Macs];
        foreach (var mode in modes)
        {
            foreach (var batch in Batches)
            {
                for (var n = From; n <= To; n += Step)
                {
                    var plan = new CostPlan { Replicas = n, Batch = batch, Authentication = mode, Requests = Requests, Seed = Seed };
                    if (plan.Problems() is [var problem, ..]) throw new UsageException(problem);
                    plans.Add(plan);
                }
            }
        }

        return plans;
    }

    /// <summary>Reads <c>1,8,64</c>.</summary>
    /// <exception cref="UsageException">These are no sizes of batches.</exception>
    public static IReadOnlyList<int> ReadBatches(string text)
    {
        var sizes = new SortedSet<int>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                throw new UsageException($"'{text}' are no sizes of batches. Write them as 1,8,64.");
            }

            sizes.Add(size);
        }

        return sizes.Count <= BatchesMax ? [.. sizes] : throw new UsageException($"At most {BatchesMax} sizes of batches can be compared.");
    }
}
