using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace OrleansPbft.Grains;

/// <summary>Reads the section <c>Pbft</c> into the options; what is wrong with it waits for the validator.</summary>
internal sealed class PbftOptionsBinder(IConfiguration configuration, IHostEnvironment environment) : IConfigureOptions<PbftOptions>
{
    public void Configure(PbftOptions options)
    {
        options.FaultInjection.Enabled = environment.IsDevelopment();
        StrictConfiguration.Bind(configuration.GetSection(PbftOptions.Section), options, options.ConfigurationProblems, PbftOptions.ForeignSections);
    }
}
