using System.Globalization;
using Microsoft.Extensions.Configuration;
using OrleansPbft.Client;
using OrleansPbft.Telemetry;

namespace OrleansPbft.ClientConsole;

/// <summary>Exports what the console's clients do, where the environment says so: the first span of a request's trace is theirs.</summary>
internal static class ConsoleTelemetry
{
    private const string SampleRatioKey = "Pbft:Telemetry:SampleRatio";
    private const double DefaultSampleRatio = 0.01; // as the silo's

    /// <summary>Begins to export until it is disposed; null where nothing is to be.</summary>
    /// <param name="notices">Takes what a person should know, a line each: a variable that is wrong is no reason not to put a value.</param>
    public static TelemetryExport? Start(TextWriter notices)
    {
        var configuration = new ConfigurationBuilder()
            .SetBasePath(AppContext.BaseDirectory)
            .AddJsonFile("appsettings.json", optional: true)
            .AddEnvironmentVariables()
            .Build();
        if (!new OtlpSettings(configuration).Any) return null;
        var export = new TelemetryExport(new(TelemetryResource.Console), configuration);
        foreach (var problem in export.Problems) notices.WriteLine($"Nothing is exported: {problem}");
        var isRatio = double.TryParse(configuration[SampleRatioKey], CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1;
        if (export.TracesAnything) TraceSampling.Ratio = isRatio ? ratio : DefaultSampleRatio;
        return export;
    }
}
