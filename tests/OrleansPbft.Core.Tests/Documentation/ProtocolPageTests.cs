using System.Text.RegularExpressions;

namespace OrleansPbft.Core.Tests;

/// <summary>What docs/protocol.md says of where a rule is kept and tested is so: every type, member, file and test it names exists.</summary>
public sealed partial class ProtocolPageTests
{
    private static readonly string Root = FindRoot();
    private static readonly string[] Sources = [.. Files("src").Concat(Files("tests"))];
    private static readonly Dictionary<string, string[]> TextsByType = Sources
        .Select(File.ReadAllText)
        .SelectMany(static text => Declaration().Matches(text).Select(match => (Type: match.Groups[1].Value, text)))
        .GroupBy(static declared => declared.Type, static declared => declared.text)
        .ToDictionary(static type => type.Key, static type => type.Distinct().ToArray());

    [Fact]
    public void Everything_a_rule_names_exists()
    {
        var wrong = new List<string>();
        var names = 0;
        foreach (var row in Rows())
        {
            foreach (var cell in new[] { row.Where, row.Tests })
            {
                string? type = null;
                foreach (var name in Name().Matches(cell).Select(static match => match.Groups[1].Value))
                {
                    names++;
                    if (!Exists(name, ref type)) wrong.Add($"{row.Rule}: `{name}`");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.True(names > 60, $"Only {names} names were found: the page is not read as it is written.");
    }

    [Fact]
    public void Every_rule_that_is_done_names_a_test()
    {
        var done = Rows().Where(static row => row.State.StartsWith("done", StringComparison.Ordinal)).ToArray();

        Assert.True(done.Length > 15);
        Assert.Empty(done.Where(static row => !Name().IsMatch(row.Tests)).Select(static row => row.Rule));
    }

    /// <summary>That the check can fail.</summary>
    [Theory]
    [InlineData("Replica.OnPrePrepare", true)]
    [InlineData("Replica.Checkpoints.cs", true)]
    [InlineData("StateMachine<TCommand, TResult>", true)]
    [InlineData("NormalCaseTests.*", true)]
    [InlineData("ProtocolPageTests.Everything_a_rule_*", true)]
    [InlineData("ProtocolPageTests.Everything_a_rule", false)]
    [InlineData("Replica.OnNothing", false)]
    [InlineData("Replica.Nothing.cs", false)]
    [InlineData("NoSuchType", false)]
    [InlineData("NoSuchTests.*", false)]
    public void A_name_is_looked_up(string name, bool exists)
    {
        string? type = null;

        Assert.Equal(exists, Exists(name, ref type));
    }

    /// <summary>Whether there is such a file, type or member; a name that is no type is a member of the type named before it.</summary>
    private static bool Exists(string name, ref string? type)
    {
        if (name.EndsWith(".cs", StringComparison.Ordinal)) return Array.Exists(Sources, file => Path.GetFileName(file) == name);

        var parts = name.Split('<')[0].Split('.');
        if (TextsByType.ContainsKey(parts[0]))
        {
            type = parts[0];
            if (parts.Length == 1) return true;
        }
        else if (parts.Length > 1 || type is null)
        {
            return false;
        }

        var member = parts[^1];
        if (member == "*") return true;
        var declared = new Regex($@"[\w>?\]] {Regex.Escape(member.TrimEnd('*'))}{(member.EndsWith('*') ? @"\w*" : "")}(\(| =>|;| {{|\r?\n)");
        return Array.Exists(TextsByType[type], text => declared.IsMatch(text));
    }

    /// <summary>The rows of rules: four cells name where and tests; in tables without these, whatever the last cell names.</summary>
    private static IEnumerable<(string Rule, string Where, string Tests, string State)> Rows() =>
        from line in File.ReadLines(Path.Combine(Root, "docs", "protocol.md"))
        where line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| rule", StringComparison.Ordinal)
        let cells = line.Trim().Trim('|').Split('|').Select(static cell => cell.Trim()).ToArray()
        select cells.Length == 5 ? (cells[0], cells[2], cells[3], cells[4]) : (cells[0], cells[^1], "", "");

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Split(Path.DirectorySeparatorChar).Any(static part => part is "bin" or "obj"));

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "OrleansPbft.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return directory.FullName;
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"\b(?:class|record struct|struct|record|interface|enum) (\w+)")]
    private static partial Regex Declaration();
}
