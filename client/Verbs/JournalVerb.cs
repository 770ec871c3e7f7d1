using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using OrleansPbft.Core;
using OrleansPbft.Journal.Inspection;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>journal: looks into the journal of a replica, running or not, without changing anything (rule D-2).</summary>
internal static class JournalVerb
{
    private const int DefaultLimit = 1000;

    public static Command Create(VerbContext context) => new("journal", "Look into the journal of a replica, without changing anything.")
    {
        CreateInspect(context), CreateVerify(context),
    };

    private static Command CreateInspect(VerbContext context)
    {
        var directory = Folder();
        var from = new Option<long>("--from") { Description = "The number of the first record to show.", HelpName = "number" };
        var limit = new Option<int>("--limit") { Description = "How many records to show; 0 for none.", HelpName = "number", DefaultValueFactory = static _ => DefaultLimit };
        var kind = new Option<string?>("--kind") { Description = "Show only records of this kind, as PrePrepared.", HelpName = "kind" };
        kind.CompletionSources.Add(static _ => Enum.GetNames<JournalRecordKind>());
        var verb = new Command("inspect", "Show a journal's health, its files and its records.") { directory, from, limit, kind };
        context.SetAction(verb, (parse, _) =>
        {
            if (parse.GetValue(limit) < 0) throw new UsageException("--limit must be 0 or more.");
            var wanted = parse.GetValue(kind);
            var inspector = Inspector(parse.GetValue(directory)!);
            var report = inspector.Inspect();
            var matching = inspector.Records()
                .Where(record => record.Number >= parse.GetValue(from) && (wanted is null || string.Equals(record.Kind, wanted, StringComparison.OrdinalIgnoreCase)));
            List<InspectedRecord> shown = [.. matching.Take(Math.Min(parse.GetValue(limit), int.MaxValue - 1) + 1)];
            var next = shown.Count > parse.GetValue(limit) ? shown[^1].Number : (long?)null;
            if (next is not null) shown.RemoveAt(shown.Count - 1);
            return Task.FromResult(VerbResult.Done(Describe(report, shown, next), ToJson(report, shown, next)));
        });
        return verb;
    }

    private static Command CreateVerify(VerbContext context)
    {
        var directory = Folder();
        var verb = new Command("verify", "Read all of a journal; ends with 1 where it is damaged.") { directory };
        context.SetAction(verb, (parse, _) =>
        {
            var report = Inspector(parse.GetValue(directory)!).Inspect();
            var text = Describe(report, [], next: null);
            return Task.FromResult(report.Health == JournalHealth.Damaged
                ? new() { ExitCode = ExitCode.Failure, Text = text, Json = ToJson(report, records: null, next: null) }
                : VerbResult.Done(text, ToJson(report, records: null, next: null)));
        });
        return verb;
    }

    private static Argument<DirectoryInfo> Folder() => new("directory") { Description = "The folder of one replica's journal, as journal/replica-0." };

    /// <exception cref="FileNotFoundException">There is no journal.</exception>
    private static JournalInspector Inspector(DirectoryInfo directory)
    {
        if (directory.Exists && directory.EnumerateFiles("*.segment").Any()) return new(directory.FullName);
        string[] inside = !directory.Exists ? [] :
            [.. directory.EnumerateDirectories().Where(static one => one.EnumerateFiles("*.segment").Any()).Select(static one => one.Name).Order()];
        throw new FileNotFoundException(inside.Length == 0
            ? $"There is no journal in {directory.FullName}."
            : $"{directory.FullName} is no journal. There are some in it: {string.Join(", ", inside)}.");
    }

    private static string Describe(JournalReport report, List<InspectedRecord> records, long? next)
    {
        var text = new StringBuilder();
        foreach (var record in records)
        {
            var place = record is { View.Number: 0, Sequence.Value: 0 } ? "" : $" {record.View} {record.Sequence} d:{record.Digest}";
            Line($"{record.Number,8} {record.File} {record.Offset,10} {record.Kind}{(record.IsRepeated ? " (repeated)" : "")}{place} {record.Detail}".TrimEnd());
        }

        if (next is not null) Line($"... there are more: --from {next}");
        if (records.Count > 0) Line("");
        Line($"{report.Directory}: {report.Replica} of cluster {report.Cluster}, epoch {report.Epoch}");
        if (report.Owner is not null) Line($"owner, or last owner: {VerbResult.Printable(report.Owner)}");
        foreach (var segment in report.Segments)
        {
            Line($"{segment.File}: epoch {segment.Epoch}, {segment.Records} records from {segment.FirstRecord} on, {segment.UsedBytes} of {segment.Bytes} bytes used");
        }

        if (report.Snapshot is { } snapshot) Line($"{snapshot.File}: the state at {snapshot.Sequence}, d:{snapshot.Digest}, {snapshot.Bytes} bytes");
        foreach (var leftover in report.Leftovers) Line($"{leftover}: not needed any more, or never complete");
        Line(report.Health switch
        {
            JournalHealth.Sound => "sound",
            JournalHealth.TornTail => $"sound, but for what was not finished: {report.Problem}",
            _ => $"DAMAGED: {report.Problem}",
        });
        return text.ToString().TrimEnd();

        void Line(string line) => text.Append(line).Append('\n');
    }

    private static JsonObject ToJson(JournalReport report, List<InspectedRecord>? records, long? next)
    {
        var json = new JsonObject
        {
            ["directory"] = report.Directory,
            ["health"] = report.Health.ToString(),
            ["problem"] = report.Problem,
            ["cluster"] = report.Cluster?.ToString(),
            ["replica"] = report.Replica?.Index,
            ["epoch"] = report.Epoch,
            ["owner"] = report.Owner,
            ["records"] = report.Records,
            ["segments"] = new JsonArray([.. report.Segments.Select(static one => (JsonNode)ToJson(one))]),
            ["snapshot"] = report.Snapshot is { } snapshot ? ToJson(snapshot) : null,
            ["leftovers"] = new JsonArray([.. report.Leftovers.Select(static one => (JsonNode)one)]),
        };
        if (records is null) return json;
        json["shown"] = new JsonArray([.. records.Select(static one => (JsonNode)ToJson(one))]);
        json["next"] = next;
        return json;
    }

    private static JsonObject ToJson(InspectedSegment segment) => new JsonObject
    {
        ["file"] = segment.File,
        ["epoch"] = segment.Epoch,
        ["firstRecord"] = segment.FirstRecord,
        ["records"] = segment.Records,
        ["bytes"] = segment.Bytes,
        ["usedBytes"] = segment.UsedBytes,
    };

    private static JsonObject ToJson(InspectedSnapshot snapshot) => new JsonObject
    {
        ["file"] = snapshot.File,
        ["sequence"] = snapshot.Sequence.Value,
        ["digest"] = snapshot.Digest.ToHex(),
        ["bytes"] = snapshot.Bytes,
    };

    private static JsonObject ToJson(InspectedRecord record) => new JsonObject
    {
        ["number"] = record.Number,
        ["file"] = record.File,
        ["offset"] = record.Offset,
        ["kind"] = record.Kind,
        ["repeated"] = record.IsRepeated,
        ["view"] = record.View.Number,
        ["sequence"] = record.Sequence.Value,
        ["digest"] = record.Digest.ToHex(),
        ["bytes"] = record.Bytes,
        ["detail"] = record.Detail,
    };
}
