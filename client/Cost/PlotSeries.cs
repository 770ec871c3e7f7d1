namespace OrleansPbft.ClientConsole.Cost;

/// <summary>One line of a plot: how something grows with n.</summary>
/// <param name="Colour">Which of the plot's colours it has; from 0.</param>
/// <param name="IsDashed">Whether the line is dashed, and its dots are squares.</param>
/// <param name="Points">n, what was measured, and what the formula says.</param>
internal sealed record PlotSeries(int Colour, bool IsDashed, IReadOnlyList<(int N, double Measured, double Formula)> Points);
