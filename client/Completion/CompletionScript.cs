using System.CommandLine;

namespace OrleansPbft.ClientConsole.Completion;

/// <summary>The scripts that make shells complete the console's verbs.</summary>
internal static class CompletionScript
{
    private static readonly Dictionary<string, Func<CompletionTables, string, string>> Writers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["bash"] = BashScript.Write,
        ["zsh"] = ZshScript.Write,
        ["fish"] = FishScript.Write,
        ["powershell"] = PowerShellScript.Write,
    };

    /// <summary>The shells there is a script for.</summary>
    public static IReadOnlyList<string> Shells { get; } = [.. Writers.Keys];

    /// <summary>The script for a shell.</summary>
    /// <param name="shell">One of <see cref="Shells"/>.</param>
    /// <param name="root">The console's command.</param>
    /// <param name="command">What the console is called in the shell.</param>
    /// <exception cref="UsageException">There is none for that shell, or the command can not be called that.</exception>
    public static string For(string shell, Command root, string command)
    {
        if (!Writers.TryGetValue(shell, out var write))
        {
            throw new UsageException($"There is no script for '{VerbResult.Printable(shell)}'.{Spelling.Question(shell, Shells)} There are {string.Join(", ", Shells)}.");
        }

        return command.Length > 0 && command.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') && command[0] != '-'
            ? write(new(root), command)
            : throw new UsageException($"'{VerbResult.Printable(command)}' is no name for a command: give letters, digits, dots, dashes and underscores.");
    }

    /// <summary>A name for functions of the script that no other command's script has.</summary>
    internal static string FunctionOf(string command) => "_" + string.Concat(command.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    /// <summary>Words between blanks, for shells that take words apart at them: none of ours has one.</summary>
    internal static string Joined(IEnumerable<CompletedWord> words) => string.Join(' ', words.Select(static word => word.Text));
}
