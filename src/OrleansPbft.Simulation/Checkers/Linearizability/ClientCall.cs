using OrleansPbft.Services;

namespace OrleansPbft.Simulation.Checkers.Linearizability;

/// <summary>One request as its client saw it: when it asked for what, and when it was given which results.</summary>
internal sealed class ClientCall
{
    private const long StillOpen = long.MaxValue;

    /// <summary>Describes a call that has no answer yet.</summary>
    /// <param name="name">What to call it in a failure.</param>
    /// <param name="invoked">When it was asked, in any unit that grows.</param>
    /// <param name="operations">What was asked: one bundle takes effect at one instant.</param>
    public ClientCall(string name, long invoked, IReadOnlyList<WorkloadOperation> operations)
    {
        Name = name;
        Invoked = invoked;
        Operations = operations;
    }

    public string Name { get; }

    public long Invoked { get; }

    public IReadOnlyList<WorkloadOperation> Operations { get; }

    /// <summary>When the client accepted the results; later than everything while it has not.</summary>
    public long Returned { get; private set; } = StillOpen;

    /// <summary>What the client accepted, operation by operation; null where it never learned: then it may have taken effect at any time since, or never.</summary>
    public IReadOnlyList<ModelResult>? Results { get; private set; }

    /// <summary>Where a search tries it first: by the order that somebody suggests, else by the first version it wrote. It decides how fast a good
    /// history is recognised, and nothing else.</summary>
    public (long Place, long Version) Hint { get; private set; } = (StillOpen, StillOpen);

    public bool IsComplete => Results is not null;

    public void Complete(long returned, IReadOnlyList<ModelResult> results)
    {
        Returned = returned;
        Results = results;
        if (results.FirstOrDefault(static result => result.Outcome == KeyValueOutcome.Written) is { } written) Hint = (Hint.Place, written.Version);
    }

    /// <summary>Says where in an order it may stand; what is said first counts.</summary>
    public void Suggest(long place)
    {
        if (Hint.Place == StillOpen) Hint = (place, Hint.Version);
    }

    public override string ToString() =>
        $"{Name} [{Invoked} .. {(IsComplete ? $"{Returned}" : "")}] " +
        string.Join("; ", Operations.Select((operation, i) => $"{operation.Describe()} = {(Results is null ? "?" : Results[i].ToString())}"));
}
