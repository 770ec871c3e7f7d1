using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Hosting;

internal sealed class SiloMessagingOptionsValidator : IValidateOptions<SiloMessagingOptions>
{
    public ValidateOptionsResult Validate(string? name, SiloMessagingOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.ResponseTimeout <= TimeSpan.Zero)
        {
            result.AddError($"ResponseTimeout ({options.ResponseTimeout}) must be more than zero.", nameof(options.ResponseTimeout));
        }

        if (options.MaxEnqueuedRequestsHardLimit < 0)
        {
            result.AddError(
                $"MaxEnqueuedRequestsHardLimit ({options.MaxEnqueuedRequestsHardLimit}) must be at least 0, which means no limit.",
                nameof(options.MaxEnqueuedRequestsHardLimit));
        }

        if (options.MaxForwardCount is < 0 or > byte.MaxValue)
        {
            result.AddError(
                $"MaxForwardCount ({options.MaxForwardCount}) must be between 0 and {byte.MaxValue}.", nameof(options.MaxForwardCount));
        }

        return result.Build();
    }
}
