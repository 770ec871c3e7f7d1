using System.Text;

namespace OrleansPbft.ClientConsole.Completion;

/// <summary>The script for zsh, with descriptions.</summary>
internal static class ZshScript
{
    public static string Write(CompletionTables tables, string command)
    {
        var function = CompletionScript.FunctionOf(command);
        var script = new StringBuilder();
        script.Append(
            $$"""
            #compdef {{command}}
            # Completion of '{{command}}' for zsh. Made by: {{command}} completion zsh
            {{function}}() {
                local verb="" awaiting="" word kind="word"
                local -a found
                local -i arguments=0 i
                for ((i = 2; i < CURRENT; i++)); do
                    word="${words[i]}"

            """);
        BourneScript.AppendWalk(script, tables, "$PREFIX", static words => $"found=({Described(words)})");
        script.Append(
            $$"""
                case "$kind" in
                    file) _files ;;
                    folder) _files -/ ;;
                    *) (( ${#found} )) && _describe '{{command}}' found ;;
                esac
            }
            if [[ "${funcstack[1]}" == "{{function}}" ]]; then {{function}} "$@"; else compdef {{function}} {{command}}; fi

            """);
        return script.ToString();
    }

    /// <summary>As _describe wants them: 'word:what it means', a colon of the word's own behind a backslash.</summary>
    private static string Described(IEnumerable<CompletedWord> words) => string.Join(' ', words.Select(static word =>
        Quoted(word.Text.Replace(":", "\\:", StringComparison.Ordinal) + (word.Description.Length > 0 ? $":{word.Description}" : ""))));

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
