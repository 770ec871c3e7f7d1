using System.CommandLine;
using System.CommandLine.Completions;

namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>Completes words from the verbs, their options, and the values that arguments and options say they can have.</summary>
/// <param name="root">The console's command, with all verbs.</param>
/// <param name="promptWords">What can stand alone at the prompt and is no verb.</param>
internal sealed class LineCompleter(Command root, IReadOnlyList<string> promptWords)
{
    private const string Help = "help";

    /// <summary>What the word before the cursor can become.</summary>
    /// <param name="line">What is before the cursor.</param>
    public Completions Complete(string line)
    {
        var words = LineWords.Before(line, out var typed, out var start);
        var candidates = Candidates(words, typed).Where(word => word.StartsWith(typed, StringComparison.Ordinal));
        return new(start, [.. candidates.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Whether an option takes a word, and is not just there.</summary>
    public static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);

    /// <summary>All options that a verb has, its own first; those that are not shown are left out.</summary>
    public static IEnumerable<Option> OptionsOf(Command root, Command verb) =>
        verb.Options.Concat(verb == root ? [] : root.Options.Where(static option => option.Recursive)).Where(static option => !option.Hidden);

    /// <summary>The values that are known of an argument or option, here and now.</summary>
    public static IEnumerable<string> ValuesOf(Symbol symbol) => symbol switch
    {
        Option option when !TakesValue(option) => [],
        _ => symbol.GetCompletions(CompletionContext.Empty).Select(static item => item.InsertText ?? item.Label),
    };

    private IEnumerable<string> Candidates(IReadOnlyList<string> words, string typed)
    {
        if (words is [Help, ..]) return VerbAt(words.Skip(1)).Subcommands.Where(static verb => !verb.Hidden).Select(static verb => verb.Name);
        var place = Walk(words);
        if (place.Awaiting is { } awaiting) return ValuesOf(awaiting);
        if (!place.IsPastOptions && typed.StartsWith('-'))
        {
            var equals = typed.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) return OptionsOf(root, place.Verb).Select(static option => option.Name).Except(place.Given, StringComparer.Ordinal);
            var named = FindOption(place.Verb, typed[..equals]);
            return named is null ? [] : ValuesOf(named).Select(value => $"{typed[..equals]}={value}");
        }

        var verbs = place.Arguments == 0 ? place.Verb.Subcommands.Where(static verb => !verb.Hidden).Select(static verb => verb.Name) : [];
        if (words.Count == 0) verbs = verbs.Concat(promptWords);
        return place.Verb.Arguments.ElementAtOrDefault(place.Arguments) is { } argument ? verbs.Concat(ValuesOf(argument)) : verbs;
    }

    private Command VerbAt(IEnumerable<string> words) =>
        words.Aggregate(root, static (verb, word) => verb.Subcommands.FirstOrDefault(sub => sub.Name == word) ?? verb);

    private Place Walk(IReadOnlyList<string> words)
    {
        var place = new Place(root);
        foreach (var word in words)
        {
            if (place.Awaiting is not null)
            {
                place.Awaiting = null;
            }
            else if (!place.IsPastOptions && word == "--")
            {
                place.IsPastOptions = true;
            }
            else if (!place.IsPastOptions && FindOption(place.Verb, word.Split('=')[0]) is { } option)
            {
                if (!option.AllowMultipleArgumentsPerToken && option.Arity.MaximumNumberOfValues <= 1) place.Given.Add(option.Name);
                if (TakesValue(option) && !word.Contains('=', StringComparison.Ordinal)) place.Awaiting = option;
            }
            else if (place.Arguments == 0 && place.Verb.Subcommands.FirstOrDefault(verb => verb.Name == word) is { } verb)
            {
                place.Verb = verb;
            }
            else
            {
                place.Arguments++;
            }
        }

        return place;
    }

    private Option? FindOption(Command verb, string word) =>
        word.StartsWith('-') ? OptionsOf(root, verb).FirstOrDefault(option => option.Name == word || option.Aliases.Contains(word)) : null;

    /// <summary>Where in a command line one is.</summary>
    private sealed class Place(Command verb)
    {
        public Command Verb { get; set; } = verb;

        /// <summary>How many arguments of the verb were given.</summary>
        public int Arguments { get; set; }

        /// <summary>The option whose value comes next.</summary>
        public Option? Awaiting { get; set; }

        /// <summary>The options that were given and need not be again.</summary>
        public HashSet<string> Given { get; } = [];

        /// <summary>Whether -- was passed.</summary>
        public bool IsPastOptions { get; set; }
    }
}
