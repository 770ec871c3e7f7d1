using System.Globalization;
using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Simulation.Costs;

namespace OrleansPbft.ClientConsole.Cost;

/// <summary>Draws what was measured as SVG: a panel for each of messages, bytes, signatures, MACs and latency. The same points, the same bytes.</summary>
internal static class CostPlot
{
    private const int Columns = 3;
    private const int HeadHeight = 64;
    private const int Margin = 16;
    private const string Conditions = "no faults, no loss, equal message delays; checkpoints left out";

    /// <summary>The plot as the text of a file.</summary>
    public static string Draw(IReadOnlyList<CostPoint> points)
    {
        List<PlotPanel> panels =
        [
            new("Messages for each request", "messages", true, OfOneMode(points, static point => Shares(point, static cost => cost.Messages))),
            new("Bytes for each request", "bytes", true, OfModes(points, static cost => cost.Bytes)),
            new("Signatures made for each request", "signatures", true, OfModes(points, static cost => cost.Signatures)),
        ];
        var macs = points.Where(static point => point.Plan.Authentication == AuthenticationMode.Macs).ToArray();
        if (macs.Length > 0) panels.Add(new("MACs made for each request", "MACs", true, OfModes(macs, static cost => cost.Macs)));
        panels.Add(new("From sending to the accepted answer", "message delays", false, OfOneMode(points, Delays)));

        var rows = (panels.Count + 1 + Columns - 1) / Columns; // and one place for the key
        var (width, height) = ((Columns * PlotPanel.Width) + (2 * Margin), HeadHeight + (rows * PlotPanel.Height) + Margin);
        var svg = new StringBuilder();
        Begin(svg, points, width, height);
        for (var i = 0; i < panels.Count; i++) panels[i].Write(svg, XOf(i), YOf(i));
        WriteKey(svg, points, XOf(panels.Count), YOf(panels.Count));
        return svg.Append("</svg>\n").ToString();

        int XOf(int place) => Margin + (place % Columns * PlotPanel.Width);

        int YOf(int place) => HeadHeight + (place / Columns * PlotPanel.Height);
    }

    private static void Begin(StringBuilder svg, IReadOnlyList<CostPoint> points, int width, int height)
    {
        svg.Append("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"what\" ");
        Line(svg, $"viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">");
        Line(svg, $"<title id=\"what\">What one request costs in PBFT, by the number of replicas and of requests in a batch</title>");
        svg.Append(Styles);
        Line(svg, $"<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>");
        Line(svg, $"<text class=\"head\" x=\"{Margin + 8}\" y=\"34\">What one request costs</text>");
        var (first, last) = (points.Min(static point => point.Plan.Replicas), points.Max(static point => point.Plan.Replicas));
        Line(svg, $"<text class=\"label\" x=\"{Margin + 8}\" y=\"56\">n = {first} to {last}, simulated with real seals; {Conditions}</text>");
    }

    /// <summary>What colours, lines and dots mean.</summary>
    private static void WriteKey(StringBuilder svg, IReadOnlyList<CostPoint> points, int x, int y)
    {
        Line(svg, $"<g transform=\"translate({x} {y})\">");
        Line(svg, $"  <text class=\"title\" x=\"62\" y=\"22\">Key</text>");
        var row = 50;
        int[] batches = [.. points.Select(static point => point.Plan.Batch).Distinct().Order()];
        for (var i = 0; i < batches.Length; i++, row += 24)
        {
            var text = batches[i] == 1 ? "1 request in a batch" : $"{batches[i]} requests in a batch";
            Line(svg, $"  <path class=\"line c{i}\" stroke-width=\"3\" d=\"M62 {row - 4}h34\"/>");
            Line(svg, $"  <text class=\"label\" x=\"106\" y=\"{row}\">{text}</text>");
        }

        row += 8;
        foreach (var mode in points.Select(static point => point.Plan.Authentication).Distinct())
        {
            var (isDashed, name) = (mode == AuthenticationMode.Macs, mode.ToString());
            var dash = isDashed ? " stroke-dasharray=\"6 4\"" : "";
            Line(svg, $"  <path class=\"line ink\" stroke-width=\"2\"{dash} d=\"M62 {row - 4}h34\"/>");
            if (isDashed) Line(svg, $"  <rect class=\"dot fill\" x=\"75\" y=\"{row - 8}\" width=\"8\" height=\"8\"/>");
            else Line(svg, $"  <circle class=\"dot fill\" cx=\"79\" cy=\"{row - 4}\" r=\"4\"/>");
            Line(svg, $"  <text class=\"label\" x=\"106\" y=\"{row}\">mode {name}</text>");
            row += 24;
        }

        row += 8;
        string[] notes = ["lines: the formula; dots: measured", "where lines coincide, the thinner is in front"];
        var hasBoth = points.Select(static point => point.Plan.Authentication).Distinct().Count() > 1;
        foreach (var text in hasBoth ? notes.Append("messages and delays: equal in both modes") : notes)
        {
            Line(svg, $"  <text class=\"label\" x=\"62\" y=\"{row}\">{text}</text>");
            row += 22;
        }

        Line(svg, $"</g>");
    }

    private static List<PlotSeries> OfModes(IReadOnlyList<CostPoint> points, Func<KindCost, long> count) =>
        [.. points.GroupBy(static point => point.Plan.Authentication).SelectMany(mode => SeriesOf(points, mode, point => Shares(point, count)))];

    private static List<PlotSeries> OfOneMode(IReadOnlyList<CostPoint> points, Func<CostPoint, (double Measured, double Formula)> values)
    {
        var mode = points[0].Plan.Authentication;
        return SeriesOf(points, points.Where(point => point.Plan.Authentication == mode), values);
    }

    private static List<PlotSeries> SeriesOf(
        IReadOnlyList<CostPoint> all, IEnumerable<CostPoint> points, Func<CostPoint, (double Measured, double Formula)> values)
    {
        int[] batches = [.. all.Select(static point => point.Plan.Batch).Distinct().Order()];
        return
        [
            .. points.GroupBy(static point => point.Plan.Batch).Select(batch => new PlotSeries(
                Array.IndexOf(batches, batch.Key),
                batch.First().Plan.Authentication == AuthenticationMode.Macs,
                [.. batch.OrderBy(static point => point.Plan.Replicas).Select(point => (point.Plan.Replicas, values(point).Measured, values(point).Formula))])),
        ];
    }

    private static (double Measured, double Formula) Shares(CostPoint point, Func<KindCost, long> count) =>
        ((double)count(point.NormalCase) / point.Requests, (double)count(point.NormalCaseFormula) / point.Requests);

    private static (double Measured, double Formula) Delays(CostPoint point) => (point.LatencyDelays, CostFormula.LatencyDelays(point.Plan.Batch));

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    // Colours that people who confuse some of them can tell apart (Okabe and Ito), lighter where the paper is dark.
    private const string Styles =
        """
        <style>
          text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #1f2328; }
          .head { font-size: 22px; font-weight: 600; }
          .title { font-size: 15px; font-weight: 600; }
          .label { font-size: 13px; }
          .tick { font-size: 12px; fill: #59636e; }
          .paper { fill: #ffffff; }
          .grid { stroke: #d8dee4; stroke-width: 1; fill: none; }
          .axis { stroke: #59636e; stroke-width: 1.2; fill: none; }
          .line { fill: none; }
          .dot { stroke: #ffffff; stroke-width: 0.8; }
          .ink { stroke: #1f2328; } .fill { fill: #1f2328; }
          .c0 { stroke: #0072b2; } .d0 { fill: #0072b2; }
          .c1 { stroke: #d55e00; } .d1 { fill: #d55e00; }
          .c2 { stroke: #009e73; } .d2 { fill: #009e73; }
          .c3 { stroke: #aa4499; } .d3 { fill: #aa4499; }
          .c4 { stroke: #8c6d00; } .d4 { fill: #8c6d00; }
          .c5 { stroke: #333388; } .d5 { fill: #333388; }
          @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3; }
            .tick { fill: #9198a1; }
            .paper { fill: #0d1117; }
            .grid { stroke: #2a313a; }
            .axis { stroke: #9198a1; }
            .dot { stroke: #0d1117; }
            .ink { stroke: #e6edf3; } .fill { fill: #e6edf3; }
            .c0 { stroke: #56b4e9; } .d0 { fill: #56b4e9; }
            .c1 { stroke: #ff9a4d; } .d1 { fill: #ff9a4d; }
            .c2 { stroke: #3ddc9f; } .d2 { fill: #3ddc9f; }
            .c3 { stroke: #e79fc8; } .d3 { fill: #e79fc8; }
            .c4 { stroke: #f0e442; } .d4 { fill: #f0e442; }
            .c5 { stroke: #a9b1ff; } .d5 { fill: #a9b1ff; }
          }
        </style>

        """;
}
