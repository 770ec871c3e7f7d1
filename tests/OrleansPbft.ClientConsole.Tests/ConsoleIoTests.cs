namespace OrleansPbft.ClientConsole.Tests;

/// <summary>Who gets colours: those who look at a terminal and have not said that they want none (https://no-color.org).</summary>
public sealed class ConsoleIoTests
{
    [Theory]
    [InlineData(null, "xterm-256color", true)]
    [InlineData(null, null, true)]
    [InlineData("", "xterm", true)]
    [InlineData("1", "xterm", false)]
    [InlineData("0", "xterm", false)]
    [InlineData(null, "dumb", false)]
    public void Colours_are_wanted_unless_the_environment_says_otherwise(string? noColour, string? terminal, bool areWanted) =>
        Assert.Equal(areWanted, ConsoleIo.IsColourWanted(noColour, terminal));

    [Theory]
    [InlineData(true, true, "\e[31mIt failed.\e[39m\n")]
    [InlineData(true, false, "It failed.\n")]
    [InlineData(false, true, "It failed.\n")]
    public async Task A_failure_is_red_only_where_a_person_sees_it_and_wants_that(bool isTerminal, bool wantsColour, string written)
    {
        await using var errors = new StringWriter { NewLine = "\n" };
        var io = new ConsoleIo(TextReader.Null, TextWriter.Null, errors) { ReportsToTerminal = isTerminal, WantsColour = wantsColour };

        await VerbResult.Error(ExitCode.Failure, "failed", "It failed.").WriteAsync(io, asJson: false);

        Assert.Equal(written, errors.ToString());
    }
}
