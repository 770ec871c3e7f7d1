using System.Diagnostics;
using System.Globalization;
using System.Text;
using OpenTelemetry;
using OrleansPbft.Client;

namespace OrleansPbft.Telemetry;

/// <summary>Writes each finished span as one line: when it began, how long it took, its trace, what it was, and its tags.</summary>
/// <remarks><c>09:41:07.120345    0.412 ms  4bf92f35 r2 prepare      v0 n17 d:9f86d081 batch=3</c></remarks>
internal sealed class CompactSpanExporter(TextWriter output) : BaseExporter<Activity>
{
    private const string OwnTags = "pbft.";

    private readonly StringBuilder _line = new();

    public override ExportResult Export(in Batch<Activity> batch)
    {
        foreach (var span in batch) output.WriteLine(Format(span));
        output.Flush();
        return ExportResult.Success;
    }

    /// <summary>The line of a span.</summary>
    internal string Format(Activity span)
    {
        var culture = CultureInfo.InvariantCulture;
        _line.Clear();
        _line.Append(culture, $"{span.StartTimeUtc:HH:mm:ss.ffffff} {span.Duration.TotalMilliseconds,8:F3} ms  {span.TraceId.ToHexString().AsSpan(0, 8)} ");
        if (span.GetTagItem(PbftTelemetry.Replica) is { } replica) _line.Append(culture, $"r{replica} ");
        _line.Append(culture, $"{span.DisplayName,-12}");
        if (span.GetTagItem(PbftTelemetry.View) is { } view) _line.Append(culture, $" v{view}");
        if (span.GetTagItem(PbftTelemetry.Sequence) is { } sequence) _line.Append(culture, $" n{sequence}");
        if (span.GetTagItem(PbftTelemetry.Digest) is { } digest) _line.Append(culture, $" d:{digest}");
        if (span.GetTagItem(PbftTelemetry.BatchSize) is { } batchSize) _line.Append(culture, $" batch={batchSize}");
        foreach (ref readonly var tag in span.EnumerateTagObjects())
        {
            if (!tag.Key.StartsWith(OwnTags, StringComparison.Ordinal)) _line.Append(culture, $" {tag.Key}={tag.Value}");
        }

        if (span.Status == ActivityStatusCode.Error) _line.Append(culture, $" FAILED {span.StatusDescription}");
        return _line.ToString().TrimEnd();
    }
}
