using System.Text;

namespace OrleansPbft.ClientConsole.Completion;

/// <summary>The script for bash 4 and newer.</summary>
internal static class BashScript
{
    public static string Write(CompletionTables tables, string command)
    {
        var function = CompletionScript.FunctionOf(command);
        var script = new StringBuilder();
        script.Append(
            $$"""
            # Completion of '{{command}}' for bash. Made by: {{command}} completion bash
            {{function}}() {
                local cur="${COMP_WORDS[COMP_CWORD]}" verb="" awaiting="" word words="" kind="word" i
                local -i arguments=0
                [[ $cur == "=" ]] && cur="" # bash takes --option=value apart
                for ((i = 1; i < COMP_CWORD; i++)); do
                    word="${COMP_WORDS[i]}"
                    [[ $word == "=" ]] && continue
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

                if [[ -z $awaiting && $cur == -* ]]; then
                    case "$verb" in

            """);
        foreach (var (verb, options) in tables.Options) script.Append($"            \"{verb}\") words=\"{CompletionScript.Joined(options)}\" ;;\n");
        script.Append(
            """
                    esac
                else
                    case "$verb/${awaiting:-$arguments}" in

            """);
        foreach (var place in tables.Places.Where(static place => place.Kind != CompletedKind.Anything))
        {
            script.Append(place.Kind == CompletedKind.Word
                ? $"            {place.Key}) words=\"{CompletionScript.Joined(place.Words)}\" ;;\n"
                : $"            {place.Key}) kind=\"{(place.Kind == CompletedKind.File ? "file" : "folder")}\" ;;\n");
        }

        script.Append(
            $$"""
                    esac
                fi

                local IFS=$' \t\n'
                case "$kind" in
                    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
                    folder) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
                    *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
                esac
                if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *: ]]; then compopt -o nospace 2>/dev/null; fi
            }
            complete -F {{function}} {{command}}

            """);
        return script.ToString();
    }
}
