using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Hosting;

internal sealed class GrainCollectionOptionsValidator : IValidateOptions<GrainCollectionOptions>
{
    public ValidateOptionsResult Validate(string? name, GrainCollectionOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        RequirePositive(options.CollectionQuantum, nameof(options.CollectionQuantum));
        RequirePositive(options.ActivationTimeout, nameof(options.ActivationTimeout));
        RequirePositive(options.DeactivationTimeout, nameof(options.DeactivationTimeout));
        if (options.CollectionAge <= options.CollectionQuantum)
        {
            result.AddError(
                $"CollectionAge ({options.CollectionAge}) must be more than CollectionQuantum ({options.CollectionQuantum}).",
                nameof(options.CollectionAge));
        }

        return result.Build();

        void RequirePositive(TimeSpan value, string property)
        {
            if (value <= TimeSpan.Zero) result.AddError($"{property} ({value}) must be more than zero.", property);
        }
    }
}
