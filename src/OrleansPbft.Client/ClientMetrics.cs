using System.Diagnostics.Metrics;
using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>What all clients of a process tell instruments. Nothing is spent where nobody listens.</summary>
internal static class ClientMetrics
{
    private static readonly Meter Meter = new(PbftTelemetry.Name);
    private static readonly Histogram<double> Durations = Meter.CreateHistogram(
        "pbft.client.request.duration", "s", "From the submission of a request to its accepted answer.", tags: null, advice: MetricBuckets.Seconds);

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "pbft.client.requests.failed", "{request}", "Requests that ended without an accepted answer.");

    private static readonly Counter<long> Rejected = Meter.CreateCounter<long>(
        "pbft.client.envelopes.rejected", "{envelope}", "Replies that did not prove their sender.");

    private static readonly Counter<long> Reads = Meter.CreateCounter<long>(
        "pbft.client.reads", "{read}", "Reads that were accepted, asked again, or ordered instead (rule C-7), by outcome.");

    private static readonly Counter<long> Retransmissions = Meter.CreateCounter<long>(
        "pbft.client.retransmissions", "{request}", "Requests sent once more, as no answer had come.");

    private static readonly string[] ReadNames = ["accepted", "asked-again", "ordered"];

    private static readonly string[] RejectNames = Enum.GetNames<RejectReason>();

    public static void OnAccepted(TimeSpan duration) => Durations.Record(duration.TotalSeconds);

    public static void OnFailed(Exception cause) => Failures.Add(1, new KeyValuePair<string, object?>(PbftTelemetry.Reason, cause.GetType().Name));

    public static void OnRetransmitted() => Retransmissions.Add(1);

    public static void OnRead(ReadOutcome outcome) => Reads.Add(1, new KeyValuePair<string, object?>(PbftTelemetry.Outcome, ReadNames[(int)outcome]));

    public static void OnRejected(RejectReason reason) => Rejected.Add(1, new KeyValuePair<string, object?>(PbftTelemetry.Reason, RejectNames[(int)reason]));
}
