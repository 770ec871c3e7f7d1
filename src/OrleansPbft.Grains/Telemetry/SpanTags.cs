using System.Diagnostics;
using OrleansPbft.Client;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>What every span of a slot says.</summary>
internal static class SpanTags
{
    public static void Set(Activity span, int replica, View view, SequenceNumber sequence, Digest digest, int batchSize)
    {
        span.SetTag(PbftTelemetry.Replica, replica);
        span.SetTag(PbftTelemetry.View, view.Number);
        span.SetTag(PbftTelemetry.Sequence, sequence.Value);
        span.SetTag(PbftTelemetry.BatchSize, batchSize);
        span.SetTag(PbftTelemetry.Digest, digest.ToString());
    }
}
