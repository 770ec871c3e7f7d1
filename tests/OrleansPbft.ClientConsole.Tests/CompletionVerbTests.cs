using System.Diagnostics;
using OrleansPbft.ClientConsole.Tests.Support;
using OrleansPbft.Tests;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>The scripts for shells: each says all verbs, and bash's is run.</summary>
public sealed class CompletionVerbTests
{
    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("powershell")]
    public async Task A_script_knows_every_verb_option_and_value(string shell)
    {
        var run = await ConsoleRun.OfAsync("completion", shell, "--command", "pbft");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        Assert.All(
            (string[])["put", "status", "keys.init", "--if-version", "--watch", "--authentication", "Signatures", "four-steps", "equivocate", "pbft"],
            word => Assert.Contains(word, run.Output, StringComparison.Ordinal));
        Assert.DoesNotContain('\t', run.Output);
        Assert.DoesNotContain('\r', run.Output);
    }

    [Fact]
    public async Task With_json_the_script_is_a_member()
    {
        var json = (await ConsoleRun.OfAsync("completion", "bash", "--json")).Json;

        Assert.Equal(("bash", "client"), (json.GetProperty("shell").GetString(), json.GetProperty("command").GetString()));
        Assert.EndsWith("complete -F _client client\n", json.GetProperty("script").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Did you mean 'bash'?", "bahs")]
    [InlineData("There are bash, zsh, fish, powershell.", "tcsh")]
    [InlineData("'a b' is no name for a command", "bash", "--command", "a b")]
    [InlineData("'$(x)' is no name for a command", "zsh", "--command", "$(x)")]
    [InlineData("'-x' is no name for a command", "zsh", "--command=-x")]
    public async Task What_there_is_no_script_for_is_refused(string reason, params string[] arguments)
    {
        var run = await ConsoleRun.OfAsync(["completion", .. arguments]);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stat", "status")]
    [InlineData("keys in", "init")]
    [InlineData("keys init --acc", "--access")]
    [InlineData("keys init --access ", "Listed Open")]
    [InlineData("keys init --access = L", "Listed")]
    [InlineData("--json --endpoint http://here fault 2 eq", "equivocate")]
    [InlineData("demo sil", "silent")]
    [InlineData("put a --if", "--if-version")]
    [InlineData("put a b ", "")]
    [InlineData("completion f", "fish")]
    public async Task Bash_completes_with_its_script(string line, string words)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "There is no bash here.");
        var script = (await ConsoleRun.OfAsync("completion", "bash")).Output;
        var typed = line.Split(' ');
        var quoted = string.Join(' ', typed.Select(static word => $"'{word}'"));
        var start = new ProcessStartInfo("/bin/bash", ["--norc", "-s"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync($"{script}\nCOMP_WORDS=(client {quoted})\nCOMP_CWORD={typed.Length}\n_client\necho \"${{COMPREPLY[*]}}\"\n");
        bash.StandardInput.Close();
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).InTime();
        var errors = await bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).InTime();
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken).InTime();

        Assert.Equal((words, ""), (string.Join(' ', output.Trim().Split(' ').Order(StringComparer.Ordinal)), errors));
    }
}
