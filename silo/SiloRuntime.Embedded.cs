using Orleans.Configuration;

namespace OrleansPbft.Silo;

/// <summary>What the embedded runtime needs to be told.</summary>
internal static class SiloRuntime
{
    public const string Name = "Orleans.Embedded";

    public static ISiloBuilder UseOneProcess(this ISiloBuilder silo, int enqueuedRequestsMax) =>
        silo.Configure<SiloMessagingOptions>(options => options.MaxEnqueuedRequestsHardLimit = enqueuedRequestsMax);
}
