namespace OrleansPbft.Grains;

/// <summary>What one replica is made to do wrong, for people.</summary>
/// <param name="Id">i.</param>
/// <param name="Mode">What it does, as <c>lie</c> or <c>drop:0.3</c>; null when nothing is wrong with it on purpose.</param>
/// <param name="Acts">How often it did what a correct replica does not, since it was told to.</param>
[GenerateSerializer]
[Immutable]
[Alias("OrleansPbft.FaultStatus")]
public sealed record FaultStatus(
    [property: Id(0)] int Id,
    [property: Id(1)] string? Mode,
    [property: Id(2)] long Acts);
