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
                    if [[ -n $awaiting ]]; then
                        awaiting=""
                        continue
                    fi
                    if [[ $word == -?* ]]; then
                        case "$verb/$word" in
                            {{string.Join('|', tables.Values.Select(static place => place.Key))}}) awaiting="$word" ;;
                        esac
                        continue
                    fi
                    case "$verb/$word" in

            """);
        foreach (var (from, word, to) in tables.Steps) script.Append($"            {from}/{word}) verb=\"{to}\"; arguments=0 ;;\n");
        script.Append(
            """
                        *) arguments+=1 ;;
                    esac
                done

                if [[ -z $awaiting && $PREFIX == -* ]]; then
                    case "$verb" in

            """);
        foreach (var (verb, options) in tables.Options) script.Append($"            \"{verb}\") found=({Described(options)}) ;;\n");
        script.Append(
            """
                    esac
                else
                    case "$verb/${awaiting:-$arguments}" in

            """);
        foreach (var place in tables.Places.Where(static place => place.Kind != CompletedKind.Anything))
        {
            script.Append(place.Kind == CompletedKind.Word
                ? $"            {place.Key}) found=({Described(place.Words)}) ;;\n"
                : $"            {place.Key}) kind=\"{(place.Kind == CompletedKind.File ? "file" : "folder")}\" ;;\n");
        }

        script.Append(
            $$"""
                    esac
                fi

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
