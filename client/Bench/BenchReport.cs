using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole.Bench;

/// <summary>What a benchmark found.</summary>
internal sealed record BenchReport
{
    public required int Clients { get; init; }

    public required int Bundle { get; init; }

    public required int Payload { get; init; }

    public required int ReadPercent { get; init; }

    /// <summary>Whether reads were ordered in any case.</summary>
    public bool Ordered { get; init; }

    public required int Connections { get; init; }

    /// <summary>How long was measured.</summary>
    public required double Seconds { get; init; }

    /// <summary>Operations that were answered.</summary>
    public long Operations => Reads + Writes;

    public required long Reads { get; init; }

    public required long Writes { get; init; }

    public required long Requests { get; init; }

    /// <summary>How the requests to read were answered; none of either where all reads are ordered in any case.</summary>
    public BenchReadRequests ReadRequests { get; init; } = new(0, 0);

    public double OperationsPerSecond => Seconds > 0 ? Operations / Seconds : 0;

    public double RequestsPerSecond => Seconds > 0 ? Requests / Seconds : 0;

    /// <summary>Times of one request, from its sending to f + 1 equal replies, in milliseconds.</summary>
    public required BenchLatency LatencyMs { get; init; }

    /// <summary>What went wrong, by kind.</summary>
    public required IReadOnlyDictionary<string, long> Errors { get; init; }

    /// <summary>How often the cluster was too busy for a request, which was then sent again.</summary>
    public required long Busy { get; init; }

    /// <summary>What an open loop found; null for closed loops.</summary>
    public BenchOverload? Overload { get; init; }

    /// <summary>Why not everything was done that was to be, as a sentence; null when it was.</summary>
    public string? EndedEarly { get; init; }

    /// <summary>n.</summary>
    public required int N { get; init; }

    /// <summary>The view the cluster is in afterwards; null when nobody can say.</summary>
    public required long? View { get; init; }

    /// <summary>Why nobody can say where the replicas stand; null when they can.</summary>
    public string? StatusProblem { get; init; }

    /// <summary>Where the replicas stand afterwards.</summary>
    public required IReadOnlyList<BenchReplica> Replicas { get; init; }

    /// <summary>Whether all n replicas executed the same and have the same state. One that is silent has no digest, and agrees with none.</summary>
    public bool DigestsAgree =>
        Replicas.Count > 0
        && Replicas.Count == N
        && Replicas.All(static replica => replica.StateDigest.Length > 0)
        && Replicas.Select(static replica => (replica.LastExecuted, replica.StateDigest)).Distinct().Count() == 1;

    /// <summary>Whether it was done as it was asked for and found what a correct cluster gives: answers, no errors, one state.</summary>
    public bool Succeeded => Operations > 0 && Errors.Count == 0 && EndedEarly is null && DigestsAgree;

    public VerbResult ToResult()
    {
        var json = JsonSerializer.SerializeToNode(this, BenchJson.Default.BenchReport)!.AsObject();
        return new() { ExitCode = Succeeded ? ExitCode.Done : ExitCode.Failure, Text = ToText(), Json = json };
    }

    private string ToText()
    {
        var culture = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        text.Append(culture, $"{Clients} clients, bundles of {Bundle}, values of {Payload} bytes, {ReadPercent} % reads");
        text.Append(culture, $"{(Ordered ? ", ordered" : "")}, {Connections} connections\n");
        text.Append(culture, $"  operations  {Operations:N0} in {Seconds:F1} s = {OperationsPerSecond:N0} op/s ({Reads:N0} reads, {Writes:N0} writes)\n");
        text.Append(culture, $"  requests    {Requests:N0} = {RequestsPerSecond:N0} requests/s\n");
        Overload?.AppendTo(text);
        if (ReadRequests is { Quorum: > 0 } or { Ordered: > 0 })
        {
            text.Append(culture, $"  reads       {ReadRequests.Quorum:N0} requests by quorum read, {ReadRequests.Ordered:N0} ordered\n");
        }

        text.Append(culture, $"  latency     p50 {LatencyMs.P50:F2} ms, p90 {LatencyMs.P90:F2} ms, p99 {LatencyMs.P99:F2} ms, ");
        text.Append(culture, $"p99.9 {LatencyMs.P999:F2} ms, max {LatencyMs.Max:F2} ms per request\n");
        var errors = Errors.Count == 0 ? "none" : string.Join(", ", Errors.Select(static error => $"{error.Value} {error.Key}"));
        text.Append(culture, $"  errors      {errors}; busy {Busy:N0} times{(Overload is null ? "" : ", each a definite answer to a request")}\n");
        if (EndedEarly is not null) text.Append(culture, $"  ended early {VerbResult.Printable(EndedEarly)}\n");
        if (DigestsAgree)
        {
            text.Append(culture, $"  replicas    all {Replicas.Count} executed {Replicas[0].LastExecuted} and have the state {Replicas[0].StateDigest}, view {View}");
            return text.ToString();
        }

        if (StatusProblem is not null) return text.Append(culture, $"  replicas    UNKNOWN: {VerbResult.Printable(StatusProblem)}").ToString();
        text.Append(Replicas.Count == N ? "  replicas    THEY DIFFER:" : $"  replicas    ONLY {Replicas.Count} OF {N} ARE KNOWN:");
        foreach (var replica in Replicas)
        {
            text.Append(culture, $"\n    replica {replica.Id} ({VerbResult.Printable(replica.State)}) executed {replica.LastExecuted}");
            text.Append(culture, $" and has the state {VerbResult.Printable(replica.StateDigest)}");
        }

        return text.ToString();
    }
}

/// <summary>How requests to read were answered: by q replicas, or by ordering them in the end (rule C-7).</summary>
internal sealed record BenchReadRequests(long Quorum, long Ordered);

/// <summary>Percentiles of latency, in milliseconds.</summary>
internal sealed record BenchLatency(double P50, double P90, double P99, double P999, double Max)
{
    public static BenchLatency Of(LatencyHistogram histogram) => new(
        histogram.Percentile(50).TotalMilliseconds,
        histogram.Percentile(90).TotalMilliseconds,
        histogram.Percentile(99).TotalMilliseconds,
        histogram.Percentile(99.9).TotalMilliseconds,
        histogram.Max.TotalMilliseconds);
}

/// <summary>Where one replica stands after a benchmark.</summary>
internal sealed record BenchReplica(int Id, string State, long LastExecuted, string StateDigest)
{
    public static BenchReplica Of(ReplicaStatusDocument status) => new(status.Id, status.State, status.LastExecuted, status.StateDigest);
}

/// <summary>How a report is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
