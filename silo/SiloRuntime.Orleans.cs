using Orleans.Configuration;

namespace OrleansPbft.Silo;

/// <summary>What Orleans needs to be told to run as a cluster of this one process.</summary>
internal static class SiloRuntime
{
    public const string Name = "Microsoft.Orleans";

    public static ISiloBuilder UseOneProcess(this ISiloBuilder silo, int enqueuedRequestsMax) => silo
        .UseLocalhostClustering()
        .Configure<SiloMessagingOptions>(options => options.MaxEnqueuedRequestsHardLimit = enqueuedRequestsMax); // Orleans has no limit of its own
}
