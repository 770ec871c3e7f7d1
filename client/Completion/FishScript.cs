using System.Text;

namespace OrleansPbft.ClientConsole.Completion;

/// <summary>The script for fish, with descriptions.</summary>
internal static class FishScript
{
    public static string Write(CompletionTables tables, string command)
    {
        var function = "_" + CompletionScript.FunctionOf(command);
        var script = new StringBuilder();
        script.Append(
            $$"""
            # Completion of '{{command}}' for fish. Made by: {{command}} completion fish
            function {{function}}
                set -l before (commandline -opc)
                set -l cur (commandline -ct)
                set -l verb ""
                set -l awaiting ""
                set -l arguments 0
                for word in $before[2..-1]
                    if test -n "$awaiting"
                        set awaiting ""
                        continue
                    end
                    if string match -q -- '-?*' $word
                        switch "$verb/$word"
                            case {{string.Join(' ', tables.Values.Select(static place => Quoted(place.Key)))}}
                                set awaiting $word
                        end
                        continue
                    end
                    switch "$verb/$word"

            """);
        foreach (var (from, word, to) in tables.Steps)
        {
            script.Append($"            case {Quoted($"{from}/{word}")}\n                set verb {Quoted(to)}\n                set arguments 0\n");
        }

        script.Append(
            """
                        case '*'
                            set arguments (math $arguments + 1)
                    end
                end

                if test -z "$awaiting"; and string match -q -- '-*' "$cur"
                    switch "$verb"

            """);
        foreach (var (verb, options) in tables.Options) script.Append($"            case {Quoted(verb)}\n                printf '%s\\t%s\\n' {Described(options)}\n");
        script.Append(
            """
                    end
                    return
                end

                set -l place $arguments
                test -n "$awaiting"; and set place $awaiting
                switch "$verb/$place"

            """);
        foreach (var place in tables.Places.Where(static place => place.Kind != CompletedKind.Anything))
        {
            script.Append($"        case {Quoted(place.Key)}\n");
            script.Append(place.Kind switch
            {
                CompletedKind.Word => $"            printf '%s\\t%s\\n' {Described(place.Words)}\n",
                CompletedKind.File => "            __fish_complete_path $cur\n",
                _ => "            __fish_complete_directories $cur ''\n",
            });
        }

        script.Append(
            $$"""
                end
            end
            complete -c {{command}} -f -a '({{function}})'

            """);
        return script.ToString();
    }

    private static string Described(IEnumerable<CompletedWord> words) =>
        string.Join(' ', words.Select(static word => $"{Quoted(word.Text)} {Quoted(word.Description)}"));

    private static string Quoted(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
