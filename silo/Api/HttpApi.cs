using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;
using OrleansPbft.Client;
using OrleansPbft.Grains;

namespace OrleansPbft.Silo.Api;

/// <summary>Puts the HTTP API into the host: JSON, problem details for every error (RFC 9457), OpenAPI, health.</summary>
internal static class HttpApi
{
    public const string OpenApiPath = "/openapi/v1.json";
    public const string LivePath = "/health/live";
    public const string ReadyPath = "/health/ready";

    /// <summary>The rate-limiting policy of whatever has operations ordered.</summary>
    public const string OperationsPolicy = "operations";

    private const string ReadyTag = "ready";

    /// <summary>How long a body that is refused may be for the server to read it and throw it away; a longer one ends its connection.</summary>
    private const long DiscardedBytesMax = 16 << 20;

    public static void AddHttpApi(this WebApplicationBuilder builder, HttpOptions http)
    {
        var services = builder.Services;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = http.ConnectionsMax;
            kestrel.Limits.MaxConcurrentUpgradedConnections = http.ConnectionsMax; // the client port has a lower limit of its own
            kestrel.Limits.RequestHeadersTimeout = http.HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = http.KeepAliveTimeout;
        });
        services.ConfigureHttpJsonOptions(static json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(1, StatusJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(2, FaultJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(3, TraceJson.Default);
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow; // a misspelt ifVersion must not be ignored
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
        });
        services.Configure<RouteHandlerOptions>(static routes => routes.ThrowOnBadRequest = true); // so that the reason is told
        services.AddProblemDetails(static problems => problems.CustomizeProblemDetails = ProblemMapper.Complete);
        services.AddExceptionHandler<ProblemMapper>();
        services.AddOpenApi("v1", static openApi => openApi.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info.Title = "OrleansPbft";
            document.Info.Version = SiloHost.Version;
            document.Info.Description =
                "A replicated service that stays correct although f of n = 3f + 1 replicas are faulty. Every answer names the replicas that agreed on it.";
            return Task.CompletedTask;
        }));
        services.AddHealthChecks().AddCheck<QuorumHealthCheck>("quorum", tags: [ReadyTag]);
        services.AddRateLimiter(limiter => Limit(limiter, http));
        services.AddSingleton<ClusterStatus>();
        services.AddSingleton<ReplicaFaults>();
        services.AddSingleton<EventStreams>();
        services.AddSingleton(provider => new OrderingClients(provider.GetRequiredService<IGrainFactory>(), http.Sessions));
    }

    public static void MapHttpApi(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(RefuseTooLargeAsync);
        app.UseRateLimiter();
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapHealthChecks(LivePath, new HealthCheckOptions { Predicate = static _ => false, ResponseWriter = QuorumHealthCheck.WriteAsync });
        app.MapHealthChecks(ReadyPath, new HealthCheckOptions { Predicate = static check => check.Tags.Contains(ReadyTag), ResponseWriter = QuorumHealthCheck.WriteAsync });
        var cluster = app.Services.GetRequiredService<PbftCluster>();
        var api = app.MapGroup("").WithMetadata(new RequestSizeLimitAttribute(BodyBytesMax(cluster.Options.RequestBytesMax)));
        api.MapClusterApi();
        api.MapFaultApi();
        api.MapTracesApi();
        api.MapEventsApi();
        api.MapLiveApi();
        api.MapOperationsApi();
        api.MapKeyValueApi();
    }

    /// <summary>The most bytes a body may have for a request of so many: base64 takes a third more, escapes in JSON more than that.</summary>
    internal static long BodyBytesMax(int requestBytesMax) => (2L * requestBytesMax) + (64 << 10);

    /// <summary>Refuses a body that says it is too large, and lets the server read it to its end all the same.</summary>
    /// <remarks>The server itself would close the connection under the sender's writes, who then may never see the answer.</remarks>
    private static Task RefuseTooLargeAsync(HttpContext context, RequestDelegate next)
    {
        var limit = context.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (limit?.MaxRequestBodySize is not { } most || context.Request.ContentLength is not { } length || length <= most) return next(context);
        if (length <= DiscardedBytesMax && !limit.IsReadOnly) limit.MaxRequestBodySize = DiscardedBytesMax;
        return ProblemMapper.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "too-large", ProblemMapper.TooLarge);
    }

    private static void Limit(RateLimiterOptions limiter, HttpOptions http)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = static (rejected, _) =>
        {
            rejected.HttpContext.Response.Headers.RetryAfter = 1.ToString(CultureInfo.InvariantCulture);
            return new(ProblemMapper.WriteAsync(
                rejected.HttpContext,
                StatusCodes.Status429TooManyRequests,
                "busy",
                "This silo has as many operations under way as Pbft:Http:OperationsInFlightMax allows. Nothing was sent. Try again after the time in Retry-After."));
        };
        limiter.AddConcurrencyLimiter(OperationsPolicy, options => options.PermitLimit = http.OperationsInFlightMax);
    }
}
