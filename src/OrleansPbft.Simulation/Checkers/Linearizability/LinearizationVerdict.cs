namespace OrleansPbft.Simulation.Checkers.Linearizability;

/// <summary>What a search for an order came to.</summary>
internal enum LinearizationVerdict
{
    /// <summary>There is none.</summary>
    Impossible = 0,

    /// <summary>There is one.</summary>
    Linearizable,

    /// <summary>It was not decided within the steps allowed.</summary>
    GaveUp,
}

/// <summary>What a search for an order came to.</summary>
/// <param name="Verdict">Whether there is one.</param>
/// <param name="Explained">How many calls the longest order found explains.</param>
/// <param name="Stuck">The call that had to come next and could not.</param>
internal sealed record LinearizationResult(LinearizationVerdict Verdict, int Explained, ClientCall? Stuck);
