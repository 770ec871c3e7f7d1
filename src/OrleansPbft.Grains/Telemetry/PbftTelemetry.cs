using System.Diagnostics;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>The names under which traces and metrics are found (DESIGN.md section 12).</summary>
public static class PbftTelemetry
{
    /// <summary>The name of the <see cref="ActivitySource"/> and of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string Name = "OrleansPbft";

    /// <summary>v, on every span.</summary>
    public const string View = "pbft.view";

    /// <summary>n, on every span.</summary>
    public const string Sequence = "pbft.sequence";

    /// <summary>The replica that did it, on every span.</summary>
    public const string Replica = "pbft.replica";

    /// <summary>How many requests the batch holds.</summary>
    public const string BatchSize = "pbft.batch.size";

    /// <summary>The first 8 hexadecimal digits of the batch's digest.</summary>
    public const string Digest = "pbft.digest";

    /// <summary>The source of all spans.</summary>
    internal static readonly ActivitySource Source = new(Name);
}
