using OrleansPbft.ClientConsole.Prompt;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>What Tab offers at the prompt: what the verbs say that they take, and what this session has come across.</summary>
public sealed class LineCompleterTests
{
    private readonly ConsoleProgramFixture _console = new();

    [Theory]
    [InlineData("sta", "status")]
    [InlineData("he", "help")]
    [InlineData("s", "simulate status submit")]
    [InlineData("help sta", "status")]
    [InlineData("help keys re", "renew")]
    [InlineData("keys ", "client init renew show")]
    [InlineData("journal inspect --kin", "--kind")]
    [InlineData("journal inspect --kind Prep", "Prepared")]
    [InlineData("put --i", "--if-version")]
    [InlineData("put --if-version=3 --if", "")]
    [InlineData("put --if-version 3 --if", "")]
    [InlineData("status --w", "--watch")]
    [InlineData("status --watch --", "--config --endpoint --help --interval --json --timeout")]
    [InlineData("--end", "--endpoint")]
    [InlineData("--endpoint http://127.0.0.1:9 stat", "status")]
    [InlineData("cost --authentication ", "Macs Signatures")]
    [InlineData("cost --authentication=M", "--authentication=Macs")]
    [InlineData("demo li", "lie")]
    [InlineData("demo lie --p", "--pause")]
    [InlineData("fault ", "0 1 2 3 list")]
    [InlineData("fault 2 l", "lie")]
    [InlineData("fault 2 c", "censor: censor:me corrupt crash")]
    [InlineData("fault 2 he", "heal")]
    [InlineData("fault 2 lie ", "")]
    [InlineData("get gr", "greeting groups")]
    [InlineData("get --ordered gr", "greeting groups")]
    [InlineData("cas gre", "greeting")]
    [InlineData("list g", "greeting groups")]
    [InlineData("list --after gro", "groups")]
    [InlineData("get 'two", "two words")]
    [InlineData("put greeting gr", "")]
    [InlineData("put -- --", "")]
    [InlineData("trace l", "last list")]
    [InlineData("completion ", "bash fish powershell zsh")]
    [InlineData("nothing ", "")]
    public void It_offers_what_can_stand_there(string line, string words) =>
        Assert.Equal(words, string.Join(' ', _console.Completer.Complete(line).Words));

    [Fact]
    public void What_begins_equally_is_completed_as_far_as_that()
    {
        var completions = _console.Completer.Complete("get gr");

        Assert.Equal((4, "gr"), (completions.Start, completions.CommonBeginning));
        Assert.Equal("", new Completions(0, []).CommonBeginning);
    }

    /// <summary>The console's verbs, and a session that has seen some things.</summary>
    private sealed class ConsoleProgramFixture
    {
        public ConsoleProgramFixture()
        {
            var context = new Verbs.VerbContext(new(TextWriter.Null), new(TextReader.Null, TextWriter.Null, TextWriter.Null));
            foreach (var key in (string[])["groups", "greeting", "two words"]) context.Seen.SeeKey(key);
            context.Seen.Replicas = 4;
            Completer = new(ConsoleProgram.CreateRoot(context), CommandPrompt.Words);
        }

        public LineCompleter Completer { get; }
    }
}
