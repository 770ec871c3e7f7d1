namespace OrleansPbft.Simulation.Generals;

/// <summary>How a council of generals ended.</summary>
/// <param name="Loyal">The loyal generals, in the order of their numbers.</param>
/// <param name="Traitors">The numbers of the traitors.</param>
/// <param name="Elapsed">How long it took, in the simulation's own time.</param>
/// <param name="Lies">How often a traitor did what no loyal general does.</param>
/// <param name="HaveOneState">Whether all loyal generals' replicas that executed equally much have the same state.</param>
public sealed record GeneralsReport(IReadOnlyList<GeneralReport> Loyal, IReadOnlyList<int> Traitors, TimeSpan Elapsed, long Lies, bool HaveOneState);
