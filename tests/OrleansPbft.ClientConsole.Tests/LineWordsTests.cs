using OrleansPbft.ClientConsole.Prompt;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>A line of the prompt as words.</summary>
public sealed class LineWordsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  put\ta   b ", "put|a|b")]
    [InlineData("""put "a key" 'its value'""", "put|a key|its value")]
    [InlineData("""put a "say \"hi\" \\ \n" """, """put|a|say "hi" \ \n""")]
    [InlineData("""put a 'as \ it " is'""", """put|a|as \ it " is""")]
    [InlineData("""put a C:\temp\""", """put|a|C:\temp\""")]
    [InlineData("""put a "" end""", "put|a||end")]
    [InlineData("""put --if-version="3"x a""", "put|--if-version=3x|a")]
    public void Words_end_at_white_space_outside_quotes(string line, string words)
    {
        Assert.True(LineWords.TrySplit(line, out var found, out var problem), problem);
        Assert.Equal(words, string.Join('|', found));
    }

    [Theory]
    [InlineData("put a b \"c", "\"")]
    [InlineData("put a 'b", "'")]
    [InlineData("put a \"b\\\"", "\"")]
    public void A_quote_that_is_left_open_leaves_no_words(string line, string quote)
    {
        Assert.False(LineWords.TrySplit(line, out var words, out var problem));
        Assert.Empty(words);
        Assert.Contains($"({quote}) is not closed", problem, StringComparison.Ordinal);
    }
}
