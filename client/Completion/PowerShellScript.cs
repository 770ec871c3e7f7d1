using System.Text;

namespace OrleansPbft.ClientConsole.Completion;

/// <summary>The script for PowerShell 5 and newer, with descriptions.</summary>
internal static class PowerShellScript
{
    public static string Write(CompletionTables tables, string command)
    {
        var script = new StringBuilder();
        script.Append(
            $$"""
            # Completion of '{{command}}' for PowerShell. Made by: {{command}} completion powershell
            Register-ArgumentCompleter -Native -CommandName '{{command}}' -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $verb = ''
                $awaiting = ''
                $arguments = 0
                $before = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
                $values = @({{string.Join(", ", tables.Values.Select(static place => Quoted(place.Key)))}})
                $steps = @{

            """);
        foreach (var (from, word, to) in tables.Steps) script.Append($"        {Quoted($"{from}/{word}")} = {Quoted(to)}\n");
        script.Append("    }\n    $options = @{\n");
        foreach (var (verb, options) in tables.Options) script.Append($"        {Quoted(verb)} = @({Described(options)})\n");
        script.Append("    }\n    $places = @{\n");
        foreach (var place in tables.Places.Where(static place => place.Kind == CompletedKind.Word)) script.Append($"        {Quoted(place.Key)} = @({Described(place.Words)})\n");
        script.Append(
            $$"""
                }
                foreach ($word in $before) {
                    if ($awaiting) { $awaiting = ''; continue }
                    if ($word -like '-?*') {
                        if ($values -contains "$verb/$word") { $awaiting = $word }
                        continue
                    }
                    if ($steps.ContainsKey("$verb/$word")) { $verb = $steps["$verb/$word"]; $arguments = 0 } else { $arguments++ }
                }
                if (-not $awaiting -and $wordToComplete -like '-*') {
                    $found = $options[$verb]
                } else {
                    $found = $places["$verb/$(if ($awaiting) { $awaiting } else { $arguments })"]
                }
                $found | Where-Object { $_ -and $_[0].StartsWith($wordToComplete) } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
                }
            }

            """);
        return script.ToString();
    }

    /// <summary>Pairs of a word and what it means; PowerShell wants a meaning of each. The comma before a single one keeps it a list of pairs.</summary>
    private static string Described(IEnumerable<CompletedWord> words)
    {
        string[] pairs = [.. words.Select(static word => $"@({Quoted(word.Text)}, {Quoted(word.Description.Length > 0 ? word.Description : word.Text)})")];
        return pairs.Length == 1 ? "," + pairs[0] : string.Join(", ", pairs);
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
