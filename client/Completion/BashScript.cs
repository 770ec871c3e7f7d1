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

            """);
        BourneScript.AppendWalk(script, tables, "$cur", static words => $"words=\"{CompletionScript.Joined(words)}\"");
        script.Append(
            $$"""
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
