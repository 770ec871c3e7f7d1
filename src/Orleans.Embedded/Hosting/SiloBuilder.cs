using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Execution;

namespace Orleans.Hosting;

/// <summary>Registers the runtime once per host, however often it is configured.</summary>
internal sealed class SiloBuilder : ISiloBuilder
{
    private SiloBuilder(IServiceCollection services, IConfiguration configuration)
    {
        Services = services;
        Configuration = configuration;
    }

    public IServiceCollection Services { get; }

    public IConfiguration Configuration { get; }

    public static SiloBuilder AddTo(IServiceCollection services, IConfiguration configuration)
    {
        foreach (var descriptor in services)
        {
            if (descriptor.ServiceType == typeof(SiloBuilder)) return (SiloBuilder)descriptor.ImplementationInstance!;
        }

        var builder = new SiloBuilder(services, configuration);
        services.AddSingleton(builder);
        services.AddLogging();
        services.AddOptionsWithValidateOnStart<GrainCollectionOptions, GrainCollectionOptionsValidator>();
        services.AddOptionsWithValidateOnStart<SiloMessagingOptions, SiloMessagingOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Silo>();
        services.TryAddSingleton<ClusterClient>();
        services.TryAddSingleton<IClusterClient>(static provider => provider.GetRequiredService<ClusterClient>());
        services.TryAddSingleton<IGrainFactory>(static provider => provider.GetRequiredService<ClusterClient>());
        services.AddHostedService<SiloHostedService>();
        return builder;
    }
}
