using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>Puts a client port into a host.</summary>
public static class ClientPortExtensions
{
    /// <summary>Adds the client port. The host supplies an <see cref="IClientGateway"/>, and maps it (<see cref="MapPbftClientPort"/>).</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">What the port puts up with; a contradiction stops the start.</param>
    public static IServiceCollection AddPbftClientPort(this IServiceCollection services, Action<ClientPortOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptionsWithValidateOnStart<ClientPortOptions, ClientPortOptionsValidator>();
        if (configure is not null) options.Configure(configure);
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ClientPort>();
        return services;
    }

    /// <summary>Serves the client port at <paramref name="pattern"/>.</summary>
    public static IEndpointConventionBuilder MapPbftClientPort(this IEndpointRouteBuilder endpoints, string pattern = LinkFrame.ClientPath)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var port = endpoints.ServiceProvider.GetRequiredService<ClientPort>();
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets();
        pipeline.Run(port.HandleAsync);
        return endpoints.Map(pattern, pipeline.Build());
    }
}

/// <summary>Lists every contradiction in the options at the start.</summary>
internal sealed class ClientPortOptionsValidator : IValidateOptions<ClientPortOptions>
{
    public ValidateOptionsResult Validate(string? name, ClientPortOptions options) =>
        options.Problems() is { Count: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
}
