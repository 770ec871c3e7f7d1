using System.Text.Json;

namespace OrleansPbft.EndToEnd;

/// <summary>A span as it was exported.</summary>
/// <param name="Trace">32 hexadecimal digits.</param>
/// <param name="Id">16 hexadecimal digits.</param>
/// <param name="Parent">16 hexadecimal digits; empty where it is the first.</param>
/// <param name="Name">Its name.</param>
/// <param name="Attributes">Its attributes, as text.</param>
/// <param name="Events">The names of its events.</param>
/// <param name="Links">The traces of the spans it links to.</param>
/// <param name="Resource">The attributes of who exported it.</param>
/// <param name="Nanoseconds">When it began and ended.</param>
internal sealed record OtlpSpan(
    string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, string> Attributes, string[] Events, string[] Links,
    IReadOnlyDictionary<string, string> Resource, (long Began, long Ended) Nanoseconds)
{
    /// <summary>Which replica did it; empty for none.</summary>
    public string Replica => Attributes.GetValueOrDefault("pbft.replica", "");

    public static OtlpSpan Read(JsonElement span, IReadOnlyDictionary<string, string> resource) => new(
        OtlpReceiver.Text(span, "traceId"),
        OtlpReceiver.Text(span, "spanId"),
        OtlpReceiver.Text(span, "parentSpanId"),
        OtlpReceiver.Text(span, "name"),
        OtlpReceiver.AttributesOf(span),
        [.. OtlpReceiver.Items(span, "events").Select(static one => OtlpReceiver.Text(one, "name"))],
        [.. OtlpReceiver.Items(span, "links").Select(static one => OtlpReceiver.Text(one, "traceId"))],
        resource,
        (long.Parse(OtlpReceiver.Text(span, "startTimeUnixNano")), long.Parse(OtlpReceiver.Text(span, "endTimeUnixNano"))));

    /// <summary>The value of an attribute, of whatever kind: the one member of its object.</summary>
    public static string ValueOf(JsonElement value) => value.EnumerateObject().Select(static one => one.Value.ToString()).FirstOrDefault("");

    public override string ToString() => $"{Name} r{Replica} {Trace[..8]} {Id} under {Parent}";
}
