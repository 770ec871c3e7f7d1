using System.Text;

namespace OrleansPbft.ClientConsole.Completion;

/// <summary>What the scripts for bash and zsh have in common: the walk over the words before the cursor, and the choice of what can stand at it.</summary>
internal static class BourneScript
{
    /// <summary>Appends the body of the loop over words, from where <c>word</c> is known, its end, and the choice.</summary>
    /// <param name="script">The script; its function has the variables <c>verb</c>, <c>awaiting</c>, <c>word</c>, <c>kind</c> and <c>arguments</c>.</param>
    /// <param name="tables">What there is.</param>
    /// <param name="current">The variable with the word at the cursor.</param>
    /// <param name="found">The assignment of the words that can stand there.</param>
    public static void AppendWalk(StringBuilder script, CompletionTables tables, string current, Func<IEnumerable<CompletedWord>, string> found)
    {
        script.Append(
            $$"""
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
            $$"""
                        *) arguments+=1 ;;
                    esac
                done

                if [[ -z $awaiting && {{current}} == -* ]]; then
                    case "$verb" in

            """);
        foreach (var (verb, options) in tables.Options) script.Append($"            \"{verb}\") {found(options)} ;;\n");
        script.Append(
            """
                    esac
                else
                    case "$verb/${awaiting:-$arguments}" in

            """);
        foreach (var place in tables.Places.Where(static place => place.Kind != CompletedKind.Anything))
        {
            script.Append(place.Kind == CompletedKind.Word
                ? $"            {place.Key}) {found(place.Words)} ;;\n"
                : $"            {place.Key}) kind=\"{(place.Kind == CompletedKind.File ? "file" : "folder")}\" ;;\n");
        }

        script.Append(
            """
                    esac
                fi


            """);
    }
}
