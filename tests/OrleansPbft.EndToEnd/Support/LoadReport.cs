namespace OrleansPbft.EndToEnd;

/// <summary>What became of all that a <see cref="CheckedLoad"/> asked for.</summary>
/// <param name="Acknowledged">Operations that the cluster said were executed.</param>
/// <param name="Unknown">Operations whose outcome no client was told: each was executed once, or not at all.</param>
/// <param name="Lost">Acknowledged operations whose effect is not there.</param>
/// <param name="Doubled">Effects that no operation accounts for.</param>
/// <param name="Problems">All that is wrong, as sentences.</param>
internal sealed record LoadReport(long Acknowledged, long Unknown, long Lost, long Doubled, IReadOnlyList<string> Problems)
{
    public override string ToString() => $"{Acknowledged} acknowledged, {Unknown} unknown, {Lost} lost, {Doubled} doubled";
}
