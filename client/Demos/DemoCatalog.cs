namespace OrleansPbft.ClientConsole.Demos;

/// <summary>The scenarios, in the order in which to show them.</summary>
internal static class DemoCatalog
{
    /// <summary>Those with no choices to make; the generals have some.</summary>
    public static IReadOnlyList<LiveDemo> Demos { get; } =
    [
        new FourStepsDemo(), new SilentDemo(), new StuckDemo(), new WrongDemo(), new LieDemo(), new NewLeaderDemo(), new TooManyDemo(), new GeneralsDemo(null),
    ];

    /// <summary>The scenario of a name; null when there is none.</summary>
    public static LiveDemo? Find(string name) => Demos.FirstOrDefault(demo => demo.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
