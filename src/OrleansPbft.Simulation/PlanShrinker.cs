namespace OrleansPbft.Simulation;

/// <summary>Makes a failing plan smaller for as long as the smaller one fails in the same property: what is left is what the failure needs.</summary>
public static class PlanShrinker
{
    /// <summary>Shrinks a plan by running smaller ones.</summary>
    /// <param name="failing">A plan that fails.</param>
    /// <param name="runsMax">How many runs it may take.</param>
    /// <param name="cancellationToken">Ends it early, with what was reached.</param>
    /// <returns>The smallest plan found that fails in the same property; <paramref name="failing"/> itself where it does not fail.</returns>
    public static SimulationPlan Shrink(SimulationPlan failing, int runsMax, CancellationToken cancellationToken = default) =>
        Shrink(failing, BrokenProperty, runsMax, cancellationToken);

    /// <summary>The same with any notion of failing.</summary>
    /// <param name="failing">A plan that fails.</param>
    /// <param name="broken">Which property a plan breaks; null for none.</param>
    /// <param name="runsMax">How often that may be asked.</param>
    /// <param name="cancellationToken">Ends it early, with what was reached.</param>
    internal static SimulationPlan Shrink(SimulationPlan failing, Func<SimulationPlan, string?> broken, int runsMax, CancellationToken cancellationToken)
    {
        var runs = 1;
        if (broken(failing) is not { } property) return failing;
        var smallest = failing;
        var progress = true;
        while (progress)
        {
            progress = false;
            foreach (var reduce in Reductions)
            {
                // One reduction is repeated while it works; each takes as much at once as it can.
                var works = true;
                while (works)
                {
                    works = false;
                    foreach (var changes in reduce(smallest))
                    {
                        if (runs++ >= runsMax || cancellationToken.IsCancellationRequested) return smallest;
                        var smaller = SimulationPlan.Draw(smallest.Seed, changes);
                        if (broken(smaller) != property) continue;
                        smallest = smaller;
                        works = true;
                        progress = true;
                        break;
                    }
                }
            }
        }

        return smallest;
    }

    /// <summary>The property that a run of the plan breaks, by its name; null where it breaks none.</summary>
    private static string? BrokenProperty(SimulationPlan plan)
    {
        try
        {
            SimulationRun.Execute(plan);
            return null;
        }
        catch (SimulationFailedException failure)
        {
            return failure.Property;
        }
    }

    private static IReadOnlyList<Func<SimulationPlan, IEnumerable<PlanChanges>>> Reductions { get; } =
    [
        static plan => plan.DiskLoss is null ? [] : [plan.Changes with { LosesDisk = false }],
        static plan => plan.IsSigned ? [plan.Changes with { IsPlain = true }] : [],
        static plan => Lower(plan.FaultyClients, 0).Select(count => plan.Changes with { FaultyClients = count }),
        static plan => Fewer(plan.Happenings.Select(static one => one.Number)).Select(kept => plan.Changes with { Happenings = kept }),
        static plan => Fewer(plan.Faults.Select(static fault => $"{fault.Key.Index}:{fault.Value}")).Select(kept => plan.Changes with { Faults = kept }),
        static plan => Lower(plan.Clients, 1).Select(count => plan.Changes with { Clients = count }),
        static plan => Lower(plan.RequestsPerClient, 0).Select(count => plan.Changes with { Requests = count }),
        static plan => Lower(plan.RequestsAfterHealing, 0).Select(count => plan.Changes with { RequestsAfterHealing = count }),
        static plan => Lower(plan.OperationsPerRequestMax, 1).Select(count => plan.Changes with { Bundle = count }),
        static plan => Lower(plan.ReadsPerMille, 0).Select(rate => plan.Changes with { ReadsPerMille = rate }),
        static plan => Lower(plan.InFlightMax, 1).Select(count => plan.Changes with { InFlight = count }),
        static plan => Lower(plan.Conditions.DropPerMille, 0).Select(rate => plan.Changes with { DropPerMille = rate }),
        static plan => Lower(plan.Conditions.DuplicatePerMille, 0).Select(rate => plan.Changes with { DuplicatePerMille = rate }),
        static plan => Lower(plan.Conditions.TailPerMille, 0).Select(rate => plan.Changes with { TailPerMille = rate }),
        static plan => plan.Conditions.DelayMax > plan.Conditions.DelayMin ? [plan.Changes with { HasSteadyLinks = true }] : [],
        static plan => plan.Changes.HasEqualClocks == true ? [] : [plan.Changes with { HasEqualClocks = true }],
        static plan => Lower((int)plan.SafetyPhase.TotalMilliseconds, 100, atMost: 6).Select(span => plan.Changes with { Milliseconds = span }),
    ];

    /// <summary>The least, then ever less of a step down.</summary>
    private static IEnumerable<int> Lower(int value, int least, int atMost = 4)
    {
        for (var step = value - least; step > 0 && atMost-- > 0; step /= 2) yield return value - step;
    }

    /// <summary>None, either half, then all but one.</summary>
    private static IEnumerable<string> Fewer<T>(IEnumerable<T> all)
    {
        var parts = all.ToList();
        if (parts.Count == 0) yield break;
        yield return PlanChanges.ListFrom<T>([]);
        if (parts.Count > 3)
        {
            yield return PlanChanges.ListFrom(parts.Take(parts.Count / 2));
            yield return PlanChanges.ListFrom(parts.Skip(parts.Count / 2));
        }

        for (var i = 0; i < parts.Count && parts.Count > 1; i++) yield return PlanChanges.ListFrom(parts.Where((_, k) => k != i));
    }
}
