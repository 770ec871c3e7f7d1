using System.Globalization;
using System.Text.Json.Nodes;
using OrleansPbft.Core;
using OrleansPbft.Simulation.Costs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansPbft.ClientConsole.Cost;

/// <summary>What was measured, beside what the formula says, as tables and as JSON.</summary>
internal sealed class CostReport(CostOptions options, IReadOnlyList<CostPoint> points)
{
    /// <summary>K of clusters that are configured with nothing else: what one checkpoint is shared by.</summary>
    private static readonly int DefaultInterval = new ProtocolOptions { Cluster = new(4) }.CheckpointInterval;

    private bool IsEqual => points.All(static point => point.Differences.Count == 0);

    /// <summary>The answer of the verb; a failure where measurement and formula differ.</summary>
    public VerbResult ToResult(ConsoleIo io, string? svg)
    {
        var parts = new List<IRenderable>
        {
            new Text(
                $"What one request costs: no faults, no loss, every message takes as long. {options.Requests} requests or more in each cluster, each a put\n"
                + $"of {points[0].OperationBytes} bytes with a result of {points[0].ResultsBytes}. What a node tells itself is no message.\n"
                + "formula, messages of a request: itself, n replies, and its share, one in b, of n - 1 PRE-PREPAREs, (n - 1)² PREPAREs and n(n - 1) COMMITs.\n"
                + $"checkpoint: its share of n(n - 1) CHECKPOINTs, one in {DefaultInterval} batches; not in the messages beside.\n"),
        };
        foreach (var mode in points.GroupBy(static point => point.Plan.Authentication))
        {
            parts.Add(new Text($"mode {mode.Key}"));
            parts.Add(TableOf(io, mode));
            parts.Add(new Text(""));
        }

        if (options.From == points.Max(static point => point.Plan.Replicas)) AddKinds(io, parts);
        foreach (var point in points.Where(static point => point.Differences.Count > 0)) parts.Add(Screen.Cell(Difference(point), Screen.Bad));
        parts.Add(Screen.Cell(
            IsEqual
                ? $"measured is what the formula says, by kind and to the byte, in all {points.Count} clusters: nothing was sent again, and nothing else was sent"
                : "measured is not what the formula says, see above",
            IsEqual ? Screen.Good : Screen.Bad));
        if (svg is not null) parts.Add(new Text($"plot: {svg}"));
        return new() { ExitCode = IsEqual ? ExitCode.Done : ExitCode.Failure, Text = Screen.Draw(io, parts), Json = ToJson(svg) };
    }

    private static Table TableOf(ConsoleIo io, IEnumerable<CostPoint> points)
    {
        var table = Screen.Numbers(
            io, "n", "f", "batch", "messages", "formula", "bytes", "formula", "signatures", "formula", "MACs", "formula", "delays", "formula", "checkpoint");
        foreach (var point in points)
        {
            var (measured, formula) = (point.NormalCase, point.NormalCaseFormula);
            table.AddRow(
                Screen.Cell(point.Plan.Replicas),
                Screen.Cell(new ClusterSize(point.Plan.Replicas).MaxFaulty),
                Screen.Cell(point.Plan.Batch),
                Cell(measured.Messages),
                Cell(formula.Messages),
                Cell(measured.Bytes),
                Cell(formula.Bytes),
                Cell(measured.Signatures),
                Cell(formula.Signatures),
                Cell(measured.Macs),
                Cell(formula.Macs),
                Screen.Cell(Number(point.LatencyDelays)),
                Screen.Cell(CostFormula.LatencyDelays(point.Plan.Batch)),
                Screen.Cell(Number(CheckpointPerRequest(point))));

            Text Cell(long count) => Screen.Cell(Number((double)count / point.Requests));
        }

        return table;
    }

    /// <summary>Where there is one n only, each kind by itself.</summary>
    private void AddKinds(ConsoleIo io, List<IRenderable> parts)
    {
        parts.Add(new Text("for each request, by kind"));
        var table = Screen.Numbers(io, "mode", "batch", "kind", "messages", "formula", "bytes", "formula", "signatures", "MACs");
        foreach (var point in points)
        {
            foreach (var kind in point.Measured.Keys.Union(point.Formula.Keys).Order())
            {
                var (measured, formula) = (point.Measured.GetValueOrDefault(kind), point.Formula.GetValueOrDefault(kind));
                var share = kind == MessageKind.Checkpoint ? (double)DefaultInterval * point.Plan.Batch : point.Requests;
                table.AddRow(
                    Screen.Cell(point.Plan.Authentication),
                    Screen.Cell(point.Plan.Batch),
                    Screen.Cell(kind),
                    Screen.Cell(Number(measured.Messages / share)),
                    Screen.Cell(Number(formula.Messages / share)),
                    Screen.Cell(Number(measured.Bytes / share)),
                    Screen.Cell(Number(formula.Bytes / share)),
                    Screen.Cell(Number(measured.Signatures / share)),
                    Screen.Cell(Number(measured.Macs / share)));
            }
        }

        parts.Add(table);
        parts.Add(new Text(""));
    }

    private JsonObject ToJson(string? svg) => new()
    {
        ["from"] = options.From,
        ["to"] = options.To,
        ["batches"] = new JsonArray([.. options.Batches.Select(static batch => (JsonNode)batch)]),
        ["requests"] = options.Requests,
        ["seed"] = options.Seed,
        ["checkpointInterval"] = DefaultInterval,
        ["equal"] = IsEqual,
        ["svg"] = svg,
        ["points"] = new JsonArray([.. points.Select(static point => (JsonNode)ToJson(point))]),
    };

    private static JsonObject ToJson(CostPoint point) => new()
    {
        ["n"] = point.Plan.Replicas,
        ["f"] = new ClusterSize(point.Plan.Replicas).MaxFaulty,
        ["batch"] = point.Plan.Batch,
        ["authentication"] = point.Plan.Authentication.ToString(),
        ["requests"] = point.Requests,
        ["operationBytes"] = point.OperationBytes,
        ["resultsBytes"] = point.ResultsBytes,
        ["perRequest"] = Shares(point.NormalCase, point.Requests),
        ["formula"] = Shares(point.NormalCaseFormula, point.Requests),
        ["checkpointPerRequest"] = Shares(point.Checkpoint, (double)DefaultInterval * point.Plan.Batch),
        ["latencyDelays"] = new JsonObject
        {
            ["mean"] = Math.Round(point.LatencyDelays, 4),
            ["max"] = Math.Round(point.LatencyDelaysMax, 4),
            ["formula"] = CostFormula.LatencyDelays(point.Plan.Batch),
        },
        ["kinds"] = new JsonArray([.. point.Measured.Keys.Union(point.Formula.Keys).Order().Select(kind => (JsonNode)new JsonObject
        {
            ["kind"] = kind.ToString(),
            ["measured"] = Counts(point.Measured.GetValueOrDefault(kind)),
            ["formula"] = Counts(point.Formula.GetValueOrDefault(kind)),
        })]),
        ["differences"] = new JsonArray([.. point.Differences.Select(static difference => (JsonNode)difference)]),
    };

    private static JsonObject Counts(KindCost cost) => new()
    {
        ["messages"] = cost.Messages,
        ["bytes"] = cost.Bytes,
        ["signatures"] = cost.Signatures,
        ["macs"] = cost.Macs,
    };

    private static JsonObject Shares(KindCost cost, double requests) => new()
    {
        ["messages"] = Math.Round(cost.Messages / requests, 4),
        ["bytes"] = Math.Round(cost.Bytes / requests, 4),
        ["signatures"] = Math.Round(cost.Signatures / requests, 4),
        ["macs"] = Math.Round(cost.Macs / requests, 4),
    };

    private static double CheckpointPerRequest(CostPoint point) => point.Checkpoint.Messages / ((double)DefaultInterval * point.Plan.Batch);

    private static string Difference(CostPoint point) =>
        $"n = {point.Plan.Replicas}, batches of {point.Plan.Batch}, {point.Plan.Authentication}: {string.Join("; ", point.Differences)}";

    private static string Number(double value) => value.ToString(value >= 100_000 ? "N0" : "#,0.###", CultureInfo.InvariantCulture);
}
