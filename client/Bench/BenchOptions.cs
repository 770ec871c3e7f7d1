using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Bench;

/// <summary>What a benchmark does.</summary>
internal sealed record BenchOptions
{
    /// <summary>How many clients there are, each with a key and a session of its own and one request under way.</summary>
    public int Clients { get; init; } = 64;

    /// <summary>How many operations one request bundles.</summary>
    public int Bundle { get; init; } = 64;

    /// <summary>How many bytes a written value has.</summary>
    public int Payload { get; init; } = 16;

    /// <summary>How many per cent of the operations are reads.</summary>
    public int Reads { get; init; }

    /// <summary>Whether reads are ordered like writes, and bundled with them; otherwise a bundle is all reads or all writes.</summary>
    public bool Ordered { get; init; }

    /// <summary>How many keys there are; operations pick theirs evenly.</summary>
    public int Keys { get; init; } = 100_000;

    /// <summary>How long is measured.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many operations are measured, whatever time they take; null: as many as <see cref="Duration"/> holds.</summary>
    public long? Operations { get; init; }

    /// <summary>How long the clients run before anything is measured.</summary>
    public TimeSpan Warmup { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many connections the clients share.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>How many requests begin in a second, answered or not; null for closed loops, in which each client has one under way.</summary>
    public OpenLoopRate? OpenLoop { get; init; }

    /// <summary>What the clients' choices are drawn from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many requests are measured; null when it is the time that ends it.</summary>
    public long? Requests => Operations is { } operations ? (operations + Bundle - 1) / Bundle : null;

    /// <summary>Every contradiction, as sentences; empty when there is none.</summary>
    /// <param name="cluster">The cluster that is to bear it; null while it is not known.</param>
    public IReadOnlyList<string> Problems(ClusterInfo? cluster = null)
    {
        var problems = new List<string>();
        Require(Clients is >= 1 and <= 10_000, "--clients must be 1 to 10000.");
        Require(Bundle is >= 1 and <= 65_535, "--bundle must be 1 to 65535.");
        Require(Payload is >= 0 and <= KeyValueStore.ValueBytesMax, $"--payload must be 0 to {KeyValueStore.ValueBytesMax}.");
        Require(Reads is >= 0 and <= 100, "--reads must be 0 to 100.");
        Require(Keys >= 1, "--keys must be 1 or more.");
        Require(Duration > TimeSpan.Zero && Duration <= TimeSpan.FromDays(1), "--duration must be above 0 and at most 86400 seconds.");
        Require(Operations is null or >= 1, "--operations must be 1 or more.");
        Require(Warmup >= TimeSpan.Zero && Warmup <= TimeSpan.FromHours(1), "--warmup must be 0 to 3600 seconds.");
        Require(Connections is >= 1 and <= 256, "--connections must be 1 to 256.");
        Require(OpenLoop is null || Reads == 0, "An open loop writes only: leave --reads out.");
        Require(OpenLoop is null || Operations is null, "An open loop ends with the time: --duration, not --operations.");
        if (problems.Count > 0 || cluster is null) return problems;

        var limits = cluster.Options;
        Require(Bundle <= limits.OperationsMax, $"--bundle is {Bundle}; this cluster takes {limits.OperationsMax} operations in a request (OperationsMax).");
        var bytes = MessageEncoding.RequestEnvelopeBytes(Bundle, (long)Bundle * OperationSource.OperationBytesMax(Payload));
        Require(
            bytes <= limits.RequestBytesMax,
            $"A request would have up to {bytes} bytes; this cluster takes {limits.RequestBytesMax} (RequestBytesMax). "
            + "Lower --bundle or --payload.");
        var results = (long)Bundle * (OperationSource.ResultOverheadBytes + Payload);
        Require(
            Reads == 0 || results <= limits.ResultBytesMax,
            $"Results would have up to {results} bytes; this cluster allows {limits.ResultBytesMax} (ResultBytesMax). "
            + "Lower --bundle or --payload.");
        return problems;

        void Require(bool holds, string problem)
        {
            if (!holds) problems.Add(problem);
        }
    }
}
