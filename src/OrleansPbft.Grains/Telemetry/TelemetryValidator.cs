using Microsoft.Extensions.Options;
using OrleansPbft.Telemetry;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>Refuses to start with variables of the environment that would export to nowhere.</summary>
internal sealed class TelemetryValidator(TelemetryExport export) : IValidateOptions<PbftOptions>
{
    public ValidateOptionsResult Validate(string? name, PbftOptions options) =>
        export.Problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(export.Problems);
}
