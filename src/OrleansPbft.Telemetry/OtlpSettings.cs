using Microsoft.Extensions.Configuration;

namespace OrleansPbft.Telemetry;

/// <summary>What OpenTelemetry's own environment variables say of OTLP: which signals are exported, and what is wrong with them. The exporter reads the rest.</summary>
public sealed class OtlpSettings
{
    /// <summary>Turns OTLP on for all signals.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string Prefix = "OTEL_EXPORTER_OTLP_";
    private static readonly string[] Signals = ["TRACES", "METRICS", "LOGS"];
    private static readonly string[] Protocols = ["grpc", "http/protobuf"];

    private readonly List<string> _problems = [];

    /// <summary>Reads them.</summary>
    /// <param name="configuration">The environment, or what has it among other things.</param>
    public OtlpSettings(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        CheckEndpoint(configuration, Endpoint);
        CheckProtocol(configuration, $"{Prefix}PROTOCOL");
        foreach (var signal in Signals)
        {
            CheckEndpoint(configuration, $"{Prefix}{signal}_ENDPOINT");
            CheckProtocol(configuration, $"{Prefix}{signal}_PROTOCOL");
            var exporter = configuration[$"OTEL_{signal}_EXPORTER"];
            Require(exporter is null or "" or "otlp" or "none", $"OTEL_{signal}_EXPORTER ('{exporter}') must be otlp or none.");
        }

        Traces = IsWanted(configuration, Signals[0]);
        Metrics = IsWanted(configuration, Signals[1]);
        Logs = IsWanted(configuration, Signals[2]);
    }

    /// <summary>Whether spans are exported.</summary>
    public bool Traces { get; }

    /// <summary>Whether metrics are.</summary>
    public bool Metrics { get; }

    /// <summary>Whether log records are.</summary>
    public bool Logs { get; }

    /// <summary>Whether anything is.</summary>
    public bool Any => Traces || Metrics || Logs;

    /// <summary>What is wrong, as sentences for the person who set them; the exporter would say nothing and export elsewhere, or nowhere.</summary>
    public IReadOnlyList<string> Problems => _problems;

    private static bool IsWanted(IConfiguration configuration, string signal) =>
        configuration[$"OTEL_{signal}_EXPORTER"] != "none"
        && !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)
        && (configuration[Endpoint] is { Length: > 0 } || configuration[$"{Prefix}{signal}_ENDPOINT"] is { Length: > 0 });

    private void CheckEndpoint(IConfiguration configuration, string key)
    {
        if (configuration[key] is not { Length: > 0 } endpoint) return;
        var isAddress = Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
        Require(isAddress, $"{key} ('{endpoint}') must be an address as http://127.0.0.1:4317.");
    }

    private void CheckProtocol(IConfiguration configuration, string key)
    {
        var protocol = configuration[key];
        Require(protocol is null or "" || Protocols.Contains(protocol), $"{key} ('{protocol}') must be {string.Join(" or ", Protocols)}.");
    }

    private void Require(bool holds, string problem)
    {
        if (!holds) _problems.Add(problem);
    }
}
