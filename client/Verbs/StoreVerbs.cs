using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using OrleansPbft.Client;
using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>The verbs of the key-value store: put, get, delete, cas, incr, list.</summary>
internal static class StoreVerbs
{
    private const string FromInput = "-";

    public static IEnumerable<Command> Create(VerbContext context) =>
        [Put(context), Get(context), Delete(context), CompareAndSet(context), Increment(context), List(context)];

    private static Command Put(VerbContext context)
    {
        var key = KeyArgument(context);
        var value = new Argument<string>("value") { Description = "Its value; '-' reads standard input to its end, as bytes." };
        var ifVersion = new Option<long?>("--if-version") { Description = "Only if the entry has this version; 0: only if there is none.", HelpName = "version" };
        var verb = new Command("put", "Write an entry.") { key, value, ifVersion };
        context.SetAction(verb, (parse, cancelled) =>
            PutAsync(context, parse, parse.GetRequiredValue(key), parse.GetRequiredValue(value), VersionOf(parse.GetValue(ifVersion)), cancelled));
        return verb;
    }

    private static Command CompareAndSet(VerbContext context)
    {
        var key = KeyArgument(context);
        var version = new Argument<long>("version") { Description = "The version the entry must have; 0: it must not exist." };
        var value = new Argument<string>("value") { Description = "The new value; '-' reads standard input to its end, as bytes." };
        var verb = new Command("cas", "Write an entry only if it has a version (compare and set).") { key, version, value };
        context.SetAction(verb, (parse, cancelled) =>
            PutAsync(context, parse, parse.GetRequiredValue(key), parse.GetRequiredValue(value), VersionOf(parse.GetRequiredValue(version)), cancelled));
        return verb;
    }

    private static Command Get(VerbContext context)
    {
        var key = KeyArgument(context);
        var raw = new Option<bool>("--raw") { Description = "Write the value's bytes and nothing else." };
        var ordered = OrderedOption();
        var verb = new Command("get", "Read an entry.") { key, raw, ordered };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var name = parse.GetRequiredValue(key);
            var store = await context.ConnectToStoreAsync(parse, cancelled);
            var answer = await store.GetAsync(name, parse.GetValue(ordered), cancelled);
            if (answer.Result.Outcome != KeyValueOutcome.Found) return Refuse(context, name, answer);
            context.Seen.SeeKey(name);
            var json = new JsonObject { ["key"] = name };
            AddValue(json, answer.Result.Value.Span);
            json["version"] = answer.Result.Version;
            var result = VerbResult.Done($"{Shown(name)} = {Show(answer.Result.Value.Span)}\n{DescribeRead(answer)}", WithRead(json, answer));
            return parse.GetValue(raw) ? result with { Raw = answer.Result.Value } : result;
        });
        return verb;
    }

    private static Command Delete(VerbContext context)
    {
        var key = KeyArgument(context);
        var ifVersion = new Option<long?>("--if-version") { Description = "Only if the entry has this version.", HelpName = "version" };
        var verb = new Command("delete", "Take an entry out.") { key, ifVersion };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var name = parse.GetRequiredValue(key);
            var store = await context.ConnectToStoreAsync(parse, cancelled);
            var answer = await store.DeleteAsync(name, VersionOf(parse.GetValue(ifVersion)), cancelled);
            return answer.Result.Outcome == KeyValueOutcome.Deleted
                ? VerbResult.Done($"{Shown(name)} is deleted\n{Describe(answer)}", With(new() { ["key"] = name, ["version"] = answer.Result.Version }, answer))
                : Refuse(context, name, answer);
        });
        return verb;
    }

    private static Command Increment(VerbContext context)
    {
        var key = KeyArgument(context);
        var by = new Argument<long>("by") { Description = "What to add.", DefaultValueFactory = static _ => 1 };
        var verb = new Command("incr", "Add to an entry that holds a decimal number; one that is missing counts as 0.") { key, by };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var name = parse.GetRequiredValue(key);
            var store = await context.ConnectToStoreAsync(parse, cancelled);
            var answer = await store.IncrementAsync(name, parse.GetRequiredValue(by), cancelled);
            if (answer.Result.Outcome != KeyValueOutcome.Written) return Refuse(context, name, answer);
            context.Seen.SeeKey(name);
            var number = long.Parse(answer.Result.Value.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            return VerbResult.Done(
                $"{Shown(name)} = {number}\n{Describe(answer)}",
                With(new() { ["key"] = name, ["value"] = number, ["version"] = answer.Result.Version }, answer));
        });
        return verb;
    }

    private static Command List(VerbContext context)
    {
        var prefix = new Argument<string>("prefix") { Description = "What the keys start with.", DefaultValueFactory = static _ => "" };
        var after = new Option<string?>("--after") { Description = "Only keys after this one.", HelpName = "key" };
        prefix.CompletionSources.Add(_ => context.Seen.Keys);
        after.CompletionSources.Add(_ => context.Seen.Keys);
        var limit = new Option<int>("--limit") { Description = $"At most so many: 1 to {KeyValueStore.RangeItemsMax}.", DefaultValueFactory = static _ => 100 };
        var ordered = OrderedOption();
        var verb = new Command("list", "Read entries in the order of their keys.") { prefix, after, limit, ordered };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var store = await context.ConnectToStoreAsync(parse, cancelled);
            var answer = await store.ListAsync(
                parse.GetRequiredValue(prefix), parse.GetValue(after), parse.GetValue(limit), parse.GetValue(ordered), cancelled);
            if (answer.Result.Outcome != KeyValueOutcome.Range) return Refuse(context, "", answer);
            foreach (var item in answer.Result.Items) context.Seen.SeeKey(item.Key);
            return VerbResult.Done(DescribeRange(answer), WithRead(RangeJson(answer.Result), answer));
        });
        return verb;
    }

    private static async Task<VerbResult> PutAsync(
        VerbContext context, ParseResult parse, string key, string value, long? ifVersion, CancellationToken cancelled)
    {
        var bytes = value == FromInput ? await ReadInputAsync(context.Io, cancelled) : Encoding.UTF8.GetBytes(value);
        if (bytes.Length > KeyValueStore.ValueBytesMax)
        {
            throw new UsageException($"The value has more than {KeyValueStore.ValueBytesMax} bytes, which is the most.");
        }

        var store = await context.ConnectToStoreAsync(parse, cancelled);
        var answer = await store.PutAsync(key, bytes, ifVersion, cancelled);
        if (answer.Result.Outcome != KeyValueOutcome.Written) return Refuse(context, key, answer);
        context.Seen.SeeKey(key);
        return VerbResult.Done($"{Shown(key)} = {Show(bytes)}\n{Describe(answer)}", With(new() { ["key"] = key, ["version"] = answer.Result.Version }, answer));
    }

    private static async Task<byte[]> ReadInputAsync(ConsoleIo io, CancellationToken cancelled)
    {
        var bytes = new byte[KeyValueStore.ValueBytesMax + 1];
        await using var input = io.InputBytes();
        var length = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancelled);
        return bytes[..length]; // one byte more than a value may have is enough to see that there are too many
    }

    /// <summary>The answers that are no success.</summary>
    private static VerbResult Refuse(VerbContext context, string key, KeyValueAnswer answer)
    {
        var refusal = KeyValueRefusal.Of(Shown(key), answer.Result);
        return refusal.Code == KeyValueRefusal.NotFound
            ? VerbResult.Error(ExitCode.NotFound, refusal.Code, refusal.Message + Shown(Spelling.Question(key, context.Seen.Keys)))
            : VerbResult.Error(ExitCode.Conflict, refusal.Code, refusal.Message, ("version", refusal.Version));
    }

    private static Option<bool> OrderedOption() =>
        new("--ordered") { Description = "Have the read ordered like a write, in any case." };

    private static Argument<string> KeyArgument(VerbContext context)
    {
        var key = new Argument<string>("key") { Description = "1 to 1024 bytes of UTF-8 without control characters." };
        key.CompletionSources.Add(_ => context.Seen.Keys);
        return key;
    }

    private static long? VersionOf(long? version) =>
        version < 0 ? throw new UsageException($"{version} is no version: they begin at 1, and 0 means that there must be no entry.") : version;

    private static string Shown(string text) => VerbResult.Printable(text);

    private static string Show(ReadOnlySpan<byte> value) =>
        System.Text.Unicode.Utf8.IsValid(value) ? Shown(Encoding.UTF8.GetString(value)) : $"{value.Length} bytes that are no text (--raw writes them)";

    private static void AddValue(JsonObject json, ReadOnlySpan<byte> value)
    {
        if (System.Text.Unicode.Utf8.IsValid(value)) json["value"] = Encoding.UTF8.GetString(value);
        else json["valueBase64"] = Convert.ToBase64String(value);
    }

    /// <summary>How the answer came about, for a person.</summary>
    private static string Describe(KeyValueAnswer answer)
    {
        var version = answer.Result.Version > 0 ? $"version {answer.Result.Version}, " : "";
        return $"  {version}sequence {answer.Sequence.Value}, view {answer.View.Number}, agreed by replicas {string.Join(", ", answer.Replicas.ToIndexes())}";
    }

    /// <summary>The same, and how it was read.</summary>
    private static string DescribeRead(KeyValueAnswer answer) => $"{Describe(answer)}, {(answer.Path == AnswerPath.Quorum ? "by quorum read" : "ordered")}";

    private static string DescribeRange(KeyValueAnswer answer)
    {
        var text = new StringBuilder();
        foreach (var item in answer.Result.Items)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Shown(item.Key)} = {Show(item.Value.Span)}  (version {item.Version})\n");
        }

        if (answer.Result.Items.IsEmpty) text.Append("There are no such entries.\n");
        if (answer.Result.Next is { } next) text.Append(CultureInfo.InvariantCulture, $"  more: --after '{Shown(next)}'\n");
        return text.Append(DescribeRead(answer)).ToString();
    }

    private static JsonObject RangeJson(KeyValueResult result)
    {
        var items = new JsonArray();
        foreach (var item in result.Items)
        {
            var json = new JsonObject { ["key"] = item.Key };
            AddValue(json, item.Value.Span);
            json["version"] = item.Version;
            items.Add((JsonNode)json);
        }

        return new() { ["items"] = items, ["next"] = result.Next };
    }

    private static JsonObject WithRead(JsonObject json, KeyValueAnswer answer)
    {
        json["read"] = answer.Path == AnswerPath.Quorum ? "quorum" : "ordered";
        return With(json, answer);
    }

    private static JsonObject With(JsonObject json, KeyValueAnswer answer) =>
        Agreement.AddTo(json, answer.View, answer.Sequence, answer.Replicas);
}
