using System.Globalization;
using System.Text;

namespace OrleansPbft.ClientConsole.Cost;

/// <summary>One panel of a plot: lines for what the formula says, dots for what was measured, over n.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="Unit">The unit of the upright axis.</param>
/// <param name="IsLogarithmic">Whether that axis is.</param>
/// <param name="Series">The lines. Some coincide: those of later colours are thinner, and in front.</param>
internal sealed record PlotPanel(string Title, string Unit, bool IsLogarithmic, IReadOnlyList<PlotSeries> Series)
{
    /// <summary>How wide a panel is with all that belongs to it.</summary>
    public const int Width = 380;

    /// <summary>How high.</summary>
    public const int Height = 330;

    private const double Left = 62;
    private const double Right = Width - 14;
    private const double Top = 44;
    private const double Bottom = Height - 52;

    /// <summary>Writes the panel with its upper left corner at a place.</summary>
    public void Write(StringBuilder svg, int x, int y)
    {
        var ns = Series.SelectMany(static one => one.Points).Select(static point => point.N).Distinct().Order().ToArray();
        var margin = Math.Max(1, (ns.Last() - ns.First()) / 20.0);
        var across = new PlotScale(ns.First() - margin, ns.Last() + margin, false);
        var upright = PlotScale.For(Series.SelectMany(static one => one.Points).SelectMany(static point => (double[])[point.Measured, point.Formula]), IsLogarithmic);
        Line(svg, $"<g transform=\"translate({x} {y})\">");
        Line(svg, $"  <text class=\"title\" x=\"{Left:0.#}\" y=\"22\">{Title}</text>");
        WriteAxes(svg, ns, across, upright);
        foreach (var one in Series) WriteSeries(svg, one, across, upright);
        Line(svg, $"</g>");
    }

    private void WriteAxes(StringBuilder svg, int[] ns, PlotScale across, PlotScale upright)
    {
        foreach (var tick in upright.Ticks())
        {
            var height = UprightOf(upright, tick);
            Line(svg, $"  <path class=\"grid\" d=\"M{Left:0.#} {height:0.#}H{Right:0.#}\"/>");
            Line(svg, $"  <text class=\"tick\" x=\"{Left - 7:0.#}\" y=\"{height + 4:0.#}\" text-anchor=\"end\">{PlotScale.Label(tick)}</text>");
        }

        var every = (ns.Length + 11) / 12; // more would run into each other
        for (var i = 0; i < ns.Length; i += every)
        {
            var place = AcrossOf(across, ns[i]);
            Line(svg, $"  <path class=\"axis\" d=\"M{place:0.#} {Bottom:0.#}v5\"/>");
            Line(svg, $"  <text class=\"tick\" x=\"{place:0.#}\" y=\"{Bottom + 19:0.#}\" text-anchor=\"middle\">{ns[i]}</text>");
        }

        Line(svg, $"  <path class=\"axis\" d=\"M{Left:0.#} {Top:0.#}V{Bottom:0.#}H{Right:0.#}\"/>");
        Line(svg, $"  <text class=\"label\" x=\"{(Left + Right) / 2:0.#}\" y=\"{Bottom + 39:0.#}\" text-anchor=\"middle\">n, replicas</text>");
        var middle = (Top + Bottom) / 2;
        Line(svg, $"  <text class=\"label\" transform=\"translate(16 {middle:0.#}) rotate(-90)\" text-anchor=\"middle\">{Unit}</text>");
    }

    private static void WriteSeries(StringBuilder svg, PlotSeries series, PlotScale across, PlotScale upright)
    {
        var path = new StringBuilder();
        foreach (var (n, _, formula) in series.Points)
        {
            path.Append(CultureInfo.InvariantCulture, $"{(path.Length == 0 ? "M" : "L")}{AcrossOf(across, n):0.#} {UprightOf(upright, formula):0.#}");
        }

        var width = Math.Max(1.2, 3.2 - (series.Colour * 0.7));
        var dash = series.IsDashed ? " stroke-dasharray=\"6 4\"" : "";
        Line(svg, $"  <path class=\"line c{series.Colour}\" stroke-width=\"{width:0.#}\"{dash} d=\"{path}\"/>");
        var size = Math.Max(2.5, 4.5 - (series.Colour * 0.6));
        foreach (var (n, measured, _) in series.Points)
        {
            var (x, y) = (AcrossOf(across, n), UprightOf(upright, measured));
            var side = 2 * size;
            if (series.IsDashed) Line(svg, $"  <rect class=\"dot d{series.Colour}\" x=\"{x - size:0.#}\" y=\"{y - size:0.#}\" width=\"{side:0.#}\" height=\"{side:0.#}\"/>");
            else Line(svg, $"  <circle class=\"dot d{series.Colour}\" cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"{size:0.#}\"/>");
        }
    }

    private static double AcrossOf(PlotScale scale, double n) => Left + (scale.PlaceOf(n) * (Right - Left));

    private static double UprightOf(PlotScale scale, double value) => Bottom - (scale.PlaceOf(value) * (Bottom - Top));

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
