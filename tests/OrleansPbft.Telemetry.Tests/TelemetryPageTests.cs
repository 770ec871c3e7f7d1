using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using OrleansPbft.Client;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains.Telemetry;
using OrleansPbft.Journal;
using OrleansPbft.Links;

namespace OrleansPbft.Telemetry.Tests;

/// <summary>What docs/telemetry.md and the dashboard say of spans and metrics is so.</summary>
public sealed partial class TelemetryPageTests
{
    // What the instruments' attributes, and those of the resource, are called in Prometheus.
    private static readonly HashSet<string> OtherLabels = ["le", "instance", "job"];

    private static readonly string Root = FindRoot();
    private static readonly string[] Page = File.ReadAllLines(Path.Combine(Root, "docs", "telemetry.md"));

    [Fact]
    public void The_page_tells_of_all_instruments_and_of_no_others()
    {
        var told = Rows("metric").Select(static cells => (Name: Code(cells[0]), Kind: cells[1], Unit: cells[2], What: cells[4])).ToArray();

        var real = Instruments().Select(static one => (one.Name, KindOf(one), one.Unit!, one.Description!)).ToArray();

        Assert.Equal(real.Order(), told.Order());
        Assert.True(told.Length > 40);
    }

    [Fact]
    public void The_page_tells_of_all_spans_and_of_no_others()
    {
        var told = Rows("span").Select(static cells => Code(cells[0])).ToArray();

        var real = typeof(SpanNames).GetFields().Select(static field => (string)field.GetRawConstantValue()!);

        Assert.Equal(real.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void All_attributes_of_spans_and_metrics_are_explained()
    {
        var page = string.Join('\n', Page);
        var names = typeof(PbftTelemetry).GetFields().Where(static field => field.IsLiteral).Select(static field => (string)field.GetRawConstantValue()!)
            .Where(static name => name.Contains('.', StringComparison.Ordinal));

        Assert.All(names, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_dashboard_and_the_alerts_query_what_there_is()
    {
        var names = Instruments().SelectMany(NamesInPrometheus).ToHashSet(StringComparer.Ordinal);
        var labels = Rows("metric").SelectMany(static cells => CodeSpan().Matches(cells[3]).Select(static match => match.Groups[1].Value))
            .Append(PbftTelemetry.Replica).Select(Underscored).Concat(OtherLabels).ToHashSet(StringComparer.Ordinal);
        var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "docs", "grafana", "orleanspbft.json"))).RootElement;
        var queries = dashboard.GetProperty("panels").EnumerateArray()
            .Where(static panel => panel.TryGetProperty("targets", out _))
            .SelectMany(static panel => panel.GetProperty("targets").EnumerateArray())
            .Select(static target => target.GetProperty("expr").GetString()!)
            .Concat(Rows("when").SelectMany(static cells => CodeSpan().Matches(cells[0].Replace("\\|", "|", StringComparison.Ordinal)))
                .Select(static match => match.Groups[1].Value))
            .ToArray();

        foreach (var query in queries)
        {
            var used = LabelLists().Matches(query).SelectMany(static match => LabelName().Matches(match.Value)).Select(static match => match.Groups[1].Value);
            Assert.All(used, label => Assert.True(labels.Contains(label), $"There is no label {label}: {query}"));
            var metrics = MetricName().Matches(LabelLists().Replace(query, "")).Select(static match => match.Value).ToArray();
            Assert.NotEmpty(metrics);
            Assert.All(metrics, metric => Assert.True(names.Contains(metric), $"There is no metric {metric}: {query}"));
        }

        Assert.True(queries.Length > 40);
        Assert.Contains("pbft_journal_written_bytes_total", names);
        Assert.Contains("pbft_phase_duration_seconds_bucket", names);
    }

    /// <summary>As OpenTelemetry's specification of Prometheus' names has it.</summary>
    private static IEnumerable<string> NamesInPrometheus(Instrument instrument)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            ['{', ..] => "",
            var other => throw new InvalidOperationException($"{instrument.Name} has the unit '{other}', whose suffix is not known here."),
        };
        var name = Underscored(instrument.Name) + unit;
        return KindOf(instrument) switch
        {
            "counter" => [$"{name}_total"],
            "histogram" => [$"{name}_bucket", $"{name}_sum", $"{name}_count"],
            _ => [name],
        };
    }

    private static string Underscored(string name) => name.Replace('.', '_');

    private static string KindOf(Instrument instrument) => instrument.GetType().Name switch
    {
        "Counter`1" => "counter",
        "UpDownCounter`1" => "up-down counter",
        "Histogram`1" => "histogram",
        "ObservableGauge`1" => "gauge",
        var other => other,
    };

    /// <summary>All there are, each once: as a silo of a federation makes them.</summary>
    private static List<Instrument> Instruments()
    {
        var found = new Dictionary<string, Instrument>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == PbftTelemetry.Name) found.TryAdd(instrument.Name, instrument);
            },
        };
        using var provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = provider.GetRequiredService<IMeterFactory>();
        using var replicas = new PbftInstruments();
        replicas.Observe(static () => [], static () => []);
        new ReplicaLinkMetrics(factory).Observe(static () => []);
        _ = new ClientPortMetrics(factory);
        ClientMetrics.OnRetransmitted();
        _ = CryptographyMetrics.Begin();
        _ = JournalMetrics.Begin();
        listener.Start();
        return [.. found.Values];
    }

    /// <summary>The rows of all tables whose first column has this head.</summary>
    private static IEnumerable<string[]> Rows(string head)
    {
        var isIn = false;
        foreach (var line in Page)
        {
            if (!line.StartsWith('|')) isIn = false;
            else if (line.StartsWith($"| {head} |", StringComparison.Ordinal)) isIn = true;
            else if (isIn && !line.StartsWith("|---", StringComparison.Ordinal)) yield return [.. Column().Split(line.Trim('|')).Select(static cell => cell.Trim())];
        }
    }

    private static string Code(string cell) => cell.Trim('`');

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OrleansPbft.sln"))) folder = folder.Parent;
        return folder!.FullName;
    }

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Column();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\{[^}]*\}|\bby \([^)]*\)")]
    private static partial Regex LabelLists();

    [GeneratedRegex(@"\b([a-z_]+)\b(?=\s*(?:=|,|\)))")]
    private static partial Regex LabelName();

    [GeneratedRegex(@"\bpbft_[a-z_]+")]
    private static partial Regex MetricName();
}
