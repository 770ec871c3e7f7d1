using OrleansPbft.Services;

namespace OrleansPbft.Simulation.Checkers.Linearizability;

/// <summary>Linearizability (Herlihy and Wing 1990): what clients were told is what one store would have told them, each call at some instant between its
/// invocation and its return. It knows nothing of views, sequence numbers or replicas.</summary>
/// <remarks>
/// <para>Keys are objects of their own, and a history is linearizable when that of each object is. A bundle works on its keys at one instant, so keys that some
/// bundle joins are one object: the search runs for each set of joined keys, which loses nothing. What does reach across keys is that the store numbers its
/// writes; that is checked by itself: versions are given out once, and in an order that real time does not contradict.</para>
/// <para>A call whose answer was never accepted may have taken effect at any time, or never.</para>
/// </remarks>
internal sealed class LinearizabilityChecker(SimulationReport report)
{
    /// <summary>Some hundred times what a good history of the longest runs takes; what takes longer fails.</summary>
    public const long StepsMax = 4_000_000;

    private readonly List<ClientCall> _calls = [];

    public void Add(ClientCall call) => _calls.Add(call);

    /// <summary>Fails where no order explains the calls, and where it can not be decided.</summary>
    public void Check(long stepsMax = StepsMax)
    {
        CheckVersions();
        var joined = JoinedByKeys().ToList();
        foreach (var calls in joined)
        {
            var result = LinearizationSearch.Run(calls, isWhole: joined.Count == 1, stepsMax);
            var keys = string.Join(", ", KeysOf(calls));
            switch (result.Verdict)
            {
                case LinearizationVerdict.Linearizable:
                    report.Count(Mark.HistoriesLinearized);
                    report.Count(Mark.CallsLinearized, result.Explained);
                    if (calls.Exists(static call => !call.IsComplete)) report.Count(Mark.OpenCallsConsidered);
                    break;
                case LinearizationVerdict.GaveUp:
                    throw new SimulationFailedException(
                        $"Linearizability: undecided for {keys} after {stepsMax} steps ({calls.Count} calls); this fails the checker, not the cluster. " +
                        $"The longest order explains {result.Explained}, and not {result.Stuck}.");
                default:
                    throw new SimulationFailedException(
                        $"Linearizability: no order of the {calls.Count} calls on {keys} explains their results. " +
                        $"{result.Explained} can be explained; then this can not: {result.Stuck}.");
            }
        }
    }

    private IEnumerable<List<ClientCall>> JoinedByKeys()
    {
        var roots = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var call in _calls)
        {
            string? first = null;
            foreach (var operation in call.Operations.Where(static operation => operation.Kind != WorkloadOperationKind.Nonsense))
            {
                roots.TryAdd(operation.Key, operation.Key);
                first ??= operation.Key;
                roots[RootOf(operation.Key)] = RootOf(first);
            }
        }

        return _calls
            .Where(static call => call.Operations.Any(static operation => operation.Kind != WorkloadOperationKind.Nonsense))
            .GroupBy(call => RootOf(call.Operations.First(static operation => operation.Kind != WorkloadOperationKind.Nonsense).Key), StringComparer.Ordinal)
            .Select(static group => group.ToList());

        string RootOf(string key)
        {
            while (!string.Equals(roots[key], key, StringComparison.Ordinal)) key = roots[key];
            return key;
        }
    }

    private static IEnumerable<string> KeysOf(IEnumerable<ClientCall> calls) => calls
        .SelectMany(static call => call.Operations)
        .Where(static operation => operation.Kind != WorkloadOperationKind.Nonsense)
        .Select(static operation => operation.Key)
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);

    private void CheckVersions()
    {
        var writes = new SortedDictionary<long, ClientCall>();
        foreach (var call in _calls.Where(static call => call.IsComplete))
        {
            foreach (var result in call.Results!.Where(static result => result.Outcome == KeyValueOutcome.Written))
            {
                if (!writes.TryAdd(result.Version, call))
                {
                    throw new SimulationFailedException($"Linearizability: version {result.Version} was given out twice, to {writes[result.Version]} and to {call}.");
                }
            }
        }

        ClientCall? latest = null; // of those with lower versions, the one invoked last
        foreach (var call in writes.Values)
        {
            if (latest is not null && call.Returned < latest.Invoked)
            {
                throw new SimulationFailedException($"Linearizability: {call} returned before {latest} began, and has a higher version.");
            }

            if (latest is null || call.Invoked > latest.Invoked) latest = call;
        }
    }
}
