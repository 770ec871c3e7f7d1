namespace OrleansPbft.Telemetry.Tests;

/// <summary>OpenTelemetry's own variables say what is exported.</summary>
public sealed class OtlpSettingsTests
{
    private const string Address = "http://127.0.0.1:4317";

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, true, true, "OTEL_EXPORTER_OTLP_ENDPOINT", Address)]
    [InlineData(true, false, false, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", Address)]
    [InlineData(false, true, false, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", Address)]
    [InlineData(false, false, true, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", Address)]
    [InlineData(true, true, false, "OTEL_EXPORTER_OTLP_ENDPOINT", Address, "OTEL_LOGS_EXPORTER", "none")]
    [InlineData(true, true, true, "OTEL_EXPORTER_OTLP_ENDPOINT", Address, "OTEL_LOGS_EXPORTER", "otlp")]
    [InlineData(false, false, false, "OTEL_EXPORTER_OTLP_ENDPOINT", Address, "OTEL_SDK_DISABLED", "True")]
    [InlineData(false, false, false, "OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    public void A_signal_is_exported_where_an_endpoint_is_named(bool traces, bool metrics, bool logs, params string[] variables)
    {
        var settings = Read(variables);

        Assert.Equal((traces, metrics, logs), (settings.Traces, settings.Metrics, settings.Logs));
        Assert.Equal(traces || metrics || logs, settings.Any);
        Assert.Empty(settings.Problems);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "ftp://127.0.0.1")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "GRPC")]
    [InlineData("OTEL_TRACES_EXPORTER", "zipkin")]
    public void What_would_export_to_nowhere_is_a_problem_that_names_it(string variable, string value)
    {
        var problem = Assert.Single(Read(variable, value).Problems);

        Assert.Contains($"{variable} ('{value}') must be", problem, StringComparison.Ordinal);
    }

    private static OtlpSettings Read(params string[] variables) => new(Variables.Of(variables));
}
