using System.Diagnostics;

namespace OrleansPbft.Client;

/// <summary>The names under which traces and metrics are found (docs/telemetry.md).</summary>
public static class PbftTelemetry
{
    /// <summary>The name of the <see cref="ActivitySource"/> and of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string Name = "OrleansPbft";

    /// <summary>v, on every span of a replica.</summary>
    public const string View = "pbft.view";

    /// <summary>n, on every span of a slot.</summary>
    public const string Sequence = "pbft.sequence";

    /// <summary>The replica that did it, on every span of a replica; the replica of a process, on what a process with one exports.</summary>
    public const string Replica = "pbft.replica";

    /// <summary>Another replica that a span, an event or a measurement is about.</summary>
    public const string Peer = "pbft.peer";

    /// <summary>How many requests the batch holds.</summary>
    public const string BatchSize = "pbft.batch.size";

    /// <summary>How many operations a client's request holds.</summary>
    public const string Operations = "pbft.operations";

    /// <summary>The first 8 hexadecimal digits of the batch's, or the state's, digest.</summary>
    public const string Digest = "pbft.digest";

    /// <summary>Why something was begun: of a view change the SuspicionCause, for one.</summary>
    public const string Cause = "pbft.cause";

    /// <summary>Why something was dropped, refused or ended.</summary>
    public const string Reason = "pbft.reason";

    /// <summary>How something came out.</summary>
    public const string Outcome = "pbft.outcome";

    /// <summary>What failed, by OpenTelemetry's own name.</summary>
    public const string ErrorType = "error.type";

    /// <summary>The source of all spans.</summary>
    internal static readonly ActivitySource Source = new(Name);
}
