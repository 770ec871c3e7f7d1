using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrleansPbft.ClientConsole.Tests.Support;

/// <summary>The members of each verb's JSON as docs/console.md lists them, and those that a document really has.</summary>
/// <remarks>A row: | `put`, `cas` | `key`, `items[].{key,version?}`, `errors.*` |. A question mark: not always there. A star: names that are not known beforehand.</remarks>
internal static partial class JsonFields
{
    /// <summary>By verb, what the page lists.</summary>
    public static IReadOnlyDictionary<string, string[]> Documented { get; } = Read();

    /// <summary>What is wrong with a document of a verb, a line each; empty where it is as the page says.</summary>
    public static IReadOnlyList<string> Problems(string verb, JsonElement json)
    {
        var documented = Documented[verb];
        var names = documented.Select(static one => one.TrimEnd('?')).ToArray();
        var actual = new SortedSet<string>(StringComparer.Ordinal);
        var empty = new HashSet<string>(StringComparer.Ordinal); // null, or an array or object without members: nothing can be below
        Walk(json, "", actual, empty);
        return
        [
            .. actual.Where(path => !IsDocumented(path)).Select(path => $"{verb}: {path} is not documented"),
            .. documented.Where(path => !path.EndsWith('?') && !IsThere(path)).Select(path => $"{verb}: {path} is documented and not there"),
        ];

        bool IsDocumented(string path) => names.Contains(path)
            || names.Any(name => name.EndsWith(".*", StringComparison.Ordinal) && path.StartsWith(name[..^1], StringComparison.Ordinal))
            || (empty.Contains(path) && names.Any(name => name.StartsWith(path + ".", StringComparison.Ordinal) || name.StartsWith(path + "[]", StringComparison.Ordinal)));

        bool IsThere(string path) => actual.Contains(path)
            || (path.EndsWith(".*", StringComparison.Ordinal) && actual.Any(one => one.StartsWith(path[..^1], StringComparison.Ordinal)))
            || empty.Any(one => path.StartsWith(one + ".", StringComparison.Ordinal) || path.StartsWith(one + "[]", StringComparison.Ordinal));
    }

    private static void Walk(JsonElement json, string path, SortedSet<string> actual, HashSet<string> empty)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object when json.EnumerateObject().Any():
                foreach (var member in json.EnumerateObject()) Walk(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", actual, empty);
                break;
            case JsonValueKind.Array when json.GetArrayLength() > 0:
                foreach (var item in json.EnumerateArray()) Walk(item, $"{path}[]", actual, empty);
                break;
            case JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null:
                actual.Add(path);
                empty.Add(path);
                break;
            default:
                actual.Add(path);
                break;
        }
    }

    private static Dictionary<string, string[]> Read()
    {
        var documented = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var isInTable = false;
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "docs", "console.md")))
        {
            if (line.StartsWith("| verb | members |", StringComparison.Ordinal)) isInTable = true;
            else if (!line.StartsWith('|')) isInTable = false;
            if (!isInTable || line.Split('|') is not [_, var verbs, var members, ..]) continue;
            string[] paths = [.. Code().Matches(members).SelectMany(static match => Expand(match.Groups[1].Value))];
            foreach (Match verb in Code().Matches(verbs)) documented.Add(verb.Groups[1].Value, paths);
        }

        return documented;
    }

    /// <summary>Writes a.{b,c} out as a.b and a.c.</summary>
    private static IEnumerable<string> Expand(string path)
    {
        var open = path.IndexOf('{', StringComparison.Ordinal);
        return open < 0 ? [path] : path[(open + 1)..path.IndexOf('}', StringComparison.Ordinal)].Split(',').Select(name => path[..open] + name.Trim());
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
