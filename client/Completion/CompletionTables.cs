using System.CommandLine;
using System.Globalization;
using OrleansPbft.ClientConsole.Prompt;

namespace OrleansPbft.ClientConsole.Completion;

/// <summary>What a shell must know of the verbs to complete them without starting the console: which words lead to which verb, and what can stand where.</summary>
/// <remarks>All scripts work alike: they walk the words before the cursor from verb to verb, pass over options and their values, count arguments, and look up
/// the place at which they end.</remarks>
internal sealed class CompletionTables
{
    private readonly List<(string From, string Word, string To)> _steps = [];
    private readonly List<CompletedPlace> _places = [];
    private readonly List<(string Verb, IReadOnlyList<CompletedWord> Options)> _options = [];
    private readonly Command _root;

    /// <summary>Reads them off the console's command.</summary>
    public CompletionTables(Command root)
    {
        _root = root;
        Add(root, "");
    }

    /// <summary>Which word leads from which verb to which.</summary>
    public IReadOnlyList<(string From, string Word, string To)> Steps => _steps;

    /// <summary>Arguments and values of options.</summary>
    public IReadOnlyList<CompletedPlace> Places => _places;

    /// <summary>The places at which an option's value stands: after these options a word is passed over.</summary>
    public IEnumerable<CompletedPlace> Values => _places.Where(static place => place.Name.StartsWith('-'));

    /// <summary>The options of each verb.</summary>
    public IReadOnlyList<(string Verb, IReadOnlyList<CompletedWord> Options)> Options => _options;

    private void Add(Command verb, string path)
    {
        var options = LineCompleter.OptionsOf(_root, verb).ToArray();
        _options.Add((path, [.. options.Select(static option => new CompletedWord(option.Name, Sentence(option.Description)))]));
        foreach (var option in options.Where(LineCompleter.TakesValue)) _places.Add(PlaceOf(path, option.Name, option, option.ValueType, []));

        CompletedWord[] verbs = [.. verb.Subcommands.Where(static sub => !sub.Hidden).Select(static sub => new CompletedWord(sub.Name, Sentence(sub.Description)))];
        for (var i = 0; i < verb.Arguments.Count; i++)
        {
            var argument = verb.Arguments[i];
            _places.Add(PlaceOf(path, i.ToString(CultureInfo.InvariantCulture), argument, argument.ValueType, i == 0 ? verbs : []));
        }

        if (verb.Arguments.Count == 0 && verbs.Length > 0) _places.Add(new(path, "0", CompletedKind.Word, verbs));
        foreach (var sub in verb.Subcommands.Where(static sub => !sub.Hidden))
        {
            var to = path.Length == 0 ? sub.Name : $"{path}.{sub.Name}";
            _steps.Add((path, sub.Name, to));
            Add(sub, to);
        }
    }

    private static CompletedPlace PlaceOf(string verb, string name, Symbol symbol, Type type, IEnumerable<CompletedWord> first)
    {
        CompletedWord[] words = [.. first, .. LineCompleter.ValuesOf(symbol).Select(static value => new CompletedWord(value, ""))];
        var kind = words.Length > 0 ? CompletedKind.Word
            : type == typeof(FileInfo) ? CompletedKind.File
            : type == typeof(DirectoryInfo) ? CompletedKind.Folder
            : CompletedKind.Anything;
        return new(verb, name, kind, words);
    }

    /// <summary>The first sentence of a description, without what shells would read otherwise.</summary>
    private static string Sentence(string? description)
    {
        var text = description ?? "";
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).TrimEnd('.').Replace('\n', ' ');
    }
}
