using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPbft.Core;
using OrleansPbft.Grains;
using OrleansPbft.Grains.Machines;
using OrleansPbft.Grains.Network;
using OrleansPbft.Grains.Recording;
using OrleansPbft.Grains.Telemetry;
using OrleansPbft.Services;
using OrleansPbft.Telemetry;

namespace Orleans.Hosting;

/// <summary>Hosts PBFT replicas on a silo.</summary>
public static class PbftSiloBuilderExtensions
{
    /// <summary>Hosts all replicas of a cluster on this silo (shape S1), with fresh keys and no state kept, or, with <see cref="Durability.Sync"/>, with the keys
    /// and the state of the start before; or those of the <see cref="PbftCluster"/> that was added before, whose peers are reached by the
    /// <see cref="IPeers"/> that was added with it (shape S3).</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Applied after the section <c>Pbft</c> of the configuration.</param>
    /// <remarks>A configuration with problems stops the start with an <see cref="OptionsValidationException"/> that lists all of them.</remarks>
    public static ISiloBuilder AddPbft(this ISiloBuilder builder, Action<PbftOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var options = services.AddOptionsWithValidateOnStart<PbftOptions, PbftOptionsValidator>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<PbftOptions>, PbftOptionsBinder>());
        if (configure is not null) options.Configure(configure);

        foreach (var name in ServiceCatalog.Names) services.AddPbftService(name, _ => ServiceCatalog.Create(name));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static provider =>
        {
            var options = provider.GetRequiredService<IOptions<PbftOptions>>().Value;
            return options.Durability == Durability.None
                ? PbftCluster.CreateLocal(options.ToProtocolOptions(), options.Service)
                : PbftCluster.CreateLocal(options.ToProtocolOptions(), options.Service, LocalKeys.LoadOrCreate(options.JournalDirectory, options.Replicas));
        });
        services.TryAddSingleton<ReplicaJournals>();
        services.TryAddSingleton(static _ => new ReplyRouter());
        services.TryAddSingleton<IPeers, GrainPeers>();
        services.TryAddSingleton<PbftInstruments>();
        services.TryAddSingleton<ProtocolHistory>();
        services.TryAddSingleton(static provider => new ClusterJournals(
            provider.GetRequiredService<ReplicaJournals>(), provider.GetRequiredService<ProtocolHistory>(), provider.GetRequiredService<IOptions<PbftOptions>>()));
        services.TryAddSingleton<MachineHosts>();
        services.TryAddSingleton(static provider => new ReplicaInbox(provider.GetRequiredService<MachineHosts>(), provider.GetRequiredService<IGrainFactory>()));
        services.TryAddSingleton(static _ => new TelemetryResource(TelemetryResource.Silo));
        services.TryAddSingleton<TelemetryExport>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, ExportedLogs>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PbftOptions>, TelemetryValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PbftTelemetryService>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PbftStarter>(static provider =>
        {
            _ = provider.GetRequiredService<MachineHosts>(); // opens the journals: what is wrong with one is said by the start, and not by a grain
            return ActivatorUtilities.CreateInstance<PbftStarter>(provider);
        }));
        return builder;
    }

    /// <summary>Lets <c>Pbft:Service</c> name one more service.</summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="name">Its name in the configuration.</param>
    /// <param name="create">Makes one more instance in its initial state: each replica has its own.</param>
    public static IServiceCollection AddPbftService(this IServiceCollection services, string name, Func<IServiceProvider, IStateMachine> create)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        return services.AddSingleton(new StateMachineRegistration(name, create));
    }
}
