namespace OrleansPbft.Grains;

/// <summary>Where one leader stands, for people.</summary>
/// <param name="Id">The replica whose leader it is.</param>
/// <param name="Queued">Requests that wait to be proposed.</param>
/// <param name="Outstanding">Proposals made and not yet executed.</param>
/// <param name="Rejected">Envelopes dropped because they did not prove their sender, or for want of room.</param>
/// <param name="Halted">Why it stopped for good; null while it works.</param>
[GenerateSerializer]
[Immutable]
[Alias("OrleansPbft.LeaderStatus")]
public sealed record LeaderStatus(
    [property: Id(0)] int Id,
    [property: Id(1)] int Queued,
    [property: Id(2)] int Outstanding,
    [property: Id(3)] long Rejected,
    [property: Id(4)] string? Halted);
