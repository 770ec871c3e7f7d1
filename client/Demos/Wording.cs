using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>Words what was observed, for people and for programs. What replicas say is shown, and steers no terminal.</summary>
internal static class Wording
{
    private const int TextMax = 32;
    private const int DigestShown = 8;

    /// <summary>What a reply says, in a few words.</summary>
    public static string Of(Reply reply)
    {
        if (reply.Status != ReplyStatus.Executed) return reply.Status.ToString();
        if (!OperationResults.TryRead(reply.Results, out var results) || results.Length != 1) return $"{reply.Results.Length} bytes that are no results";
        return results[0].Status == OperationStatus.Done && KeyValueResult.TryRead(results[0].Data, out var result)
            ? Of(result)
            : $"{results[0].Status}, {results[0].Data.Length} bytes that are no answer";
    }

    /// <summary>What a key-value store answered, in a few words.</summary>
    public static string Of(KeyValueResult result) => result.Outcome switch
    {
        KeyValueOutcome.Found => Of(result.Value.Span),
        KeyValueOutcome.Written when result.Value.Length > 0 => Of(result.Value.Span),
        KeyValueOutcome.Written => "written",
        KeyValueOutcome.NotFound => "no such entry",
        KeyValueOutcome.VersionMismatch => "not written: there is one",
        var other => other.ToString(),
    };

    /// <summary>A value as text where it is text that can be shown, else as bytes.</summary>
    public static string Of(ReadOnlySpan<byte> value)
    {
        if (value.Length <= TextMax && Utf8.IsValid(value))
        {
            var text = Encoding.UTF8.GetString(value);
            if (!text.Any(char.IsControl)) return text;
        }

        return $"bytes {Convert.ToHexStringLower(value[..Math.Min(value.Length, TextMax / 2)])}";
    }

    public static string Of(ReplicaSet replicas) => string.Join(", ", replicas.ToIndexes());

    /// <summary>A duration as people say it.</summary>
    public static string Of(TimeSpan duration) => duration < TimeSpan.FromSeconds(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.00} s");

    /// <summary>A duration in JSON: milliseconds.</summary>
    public static JsonNode Milliseconds(TimeSpan duration) => Math.Round(duration.TotalMilliseconds, 3);

    /// <summary>The start of a digest.</summary>
    public static string ShortDigest(string digest) => digest.Length > DigestShown ? digest[..DigestShown] : digest;

    /// <summary>Whether a replica leads, and what is wrong with it, in one word or two.</summary>
    public static string StateOf(ReplicaStatusDocument replica) => replica.Fault is { } fault ? $"{replica.State}, {fault}" : replica.State;

    public static JsonArray Ids(IEnumerable<int> ids) => new([.. ids.Select(static id => JsonValue.Create(id))]);

    /// <summary>Where every replica stands, a line each.</summary>
    public static string Of(StatusDocument status)
    {
        var text = new StringBuilder();
        foreach (var replica in status.Replicas)
        {
            text.Append(CultureInfo.InvariantCulture, $"replica {replica.Id}   {StateOf(replica),-20} view {replica.View,-4} executed {replica.LastExecuted,-7} ")
                .Append(CultureInfo.InvariantCulture, $"state {ShortDigest(replica.StateDigest),-8}{(replica.Id == status.Primary ? "   primary" : "")}\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    public static JsonObject JsonOf(StatusDocument status) => new()
    {
        ["kind"] = "status",
        ["view"] = status.View,
        ["primary"] = status.Primary,
        ["replicas"] = new JsonArray([.. status.Replicas.Select(static replica => (JsonNode)new JsonObject
        {
            ["id"] = replica.Id,
            ["state"] = replica.State,
            ["fault"] = replica.Fault,
            ["view"] = replica.View,
            ["lastExecuted"] = replica.LastExecuted,
            ["stateDigest"] = replica.StateDigest,
            ["accusations"] = replica.Accusations,
            ["evidence"] = new JsonArray([.. replica.Evidence.Select(static sentence => JsonValue.Create(sentence))]),
        })]),
    };

    /// <summary>How one request went: how it was sent, what was accepted, and what each replica said.</summary>
    public static string Of(Asked asked)
    {
        var text = new StringBuilder(asked.What);
        var sent = asked.Exchange.Sent;
        foreach (var (at, to) in sent)
        {
            text.Append(at == sent[0].At
                ? $": request {asked.Exchange.Request.Number} sent to replica {Of(to)}"
                : $",\n  sent again to replicas {Of(to)} after {Of(at)}");
        }

        text.Append(asked.Outcome is { } outcome
            ? $"\naccepted after {Of(asked.Elapsed)}: {Of(asked.Answer!.Value.Result)}, as {outcome.Replicas.Count} replicas said the same ({Of(outcome.Replicas)})\n"
            : $"\nnothing was accepted in {Of(asked.Elapsed)}: {asked.Timeout?.Message}\n");
        for (var replica = 0; replica < asked.Replicas; replica++) text.Append("  ").Append(LineOf(asked, replica)).Append('\n');
        if (asked.Exchange.Rejected > 0) text.Append(CultureInfo.InvariantCulture, $"  {asked.Exchange.Rejected} replies did not prove who sent them\n");
        return text.ToString().TrimEnd('\n');
    }

    public static JsonObject JsonOf(Asked asked)
    {
        var json = new JsonObject
        {
            ["kind"] = "request",
            ["what"] = asked.What,
            ["number"] = asked.Exchange.Request.Number,
            ["sent"] = new JsonArray([.. asked.Exchange.Sent.Select(static entry =>
                (JsonNode)new JsonObject { ["to"] = Ids(entry.To.ToIndexes()), ["milliseconds"] = Milliseconds(entry.At) })]),
            ["milliseconds"] = Milliseconds(asked.Elapsed),
            ["accepted"] = asked.Outcome is { } outcome
                ? Verbs.Agreement.AddTo(new() { ["says"] = Of(asked.Answer!.Value.Result) }, outcome.View, outcome.Sequence, outcome.Replicas)
                : null,
        };
        var replies = new JsonArray();
        for (var replica = 0; replica < asked.Replicas; replica++) replies.Add((JsonNode)ReplyJson(asked, replica));
        json["replies"] = replies;
        json["unproven"] = asked.Exchange.Rejected;
        return json;
    }

    private static string LineOf(Asked asked, int replica)
    {
        if (!asked.Exchange.TryGetReplyOf(replica, out var reply, out var at)) return $"replica {replica}   no reply";
        var verdict = asked.VerdictOn(replica) switch
        {
            Verdict.Equal => "equal",
            Verdict.Different => "DIFFERENT",
            _ => "",
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"replica {replica}   {Of(reply),-34} sequence {reply.Sequence.Value,-6} view {reply.View.Number,-4} session {reply.Session.Value,-4} {Of(at),9}   {verdict}")
            .TrimEnd();
    }

    private static JsonObject ReplyJson(Asked asked, int replica)
    {
        var json = new JsonObject { ["replica"] = replica, ["verdict"] = asked.VerdictOn(replica).ToString() };
        if (!asked.Exchange.TryGetReplyOf(replica, out var reply, out var at)) return json;
        json["says"] = Of(reply);
        json["status"] = reply.Status.ToString();
        json["sequence"] = reply.Sequence.Value;
        json["view"] = reply.View.Number;
        json["session"] = reply.Session.Value;
        json["milliseconds"] = Milliseconds(at);
        return json;
    }
}
