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

    [Theory]
    [InlineData("", "", "", 0)]
    [InlineData("pu", "", "pu", 0)]
    [InlineData("put ", "put", "", 4)]
    [InlineData("put a", "put", "a", 4)]
    [InlineData("put 'a b", "put", "a b", 4)]
    [InlineData("put \"a b\"", "put", "a b", 4)]
    [InlineData("put \"a b\" ", "put|a b", "", 10)]
    [InlineData("put 'a ", "put", "a ", 4)]
    [InlineData("fault 2  li", "fault|2", "li", 9)]
    public void Before_the_cursor_there_are_words_and_the_beginning_of_one(string line, string words, string typed, int start)
    {
        var before = LineWords.Before(line, out var last, out var at);

        Assert.Equal((words, typed, start), (string.Join('|', before), last, at));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("", "\"\"")]
    [InlineData("it's \"so\" \\", "\"it's \\\"so\\\" \\\\\"")]
    public void A_quoted_word_is_that_word_again(string word, string quoted)
    {
        Assert.Equal(quoted, LineWords.Quoted(word));
        Assert.True(LineWords.TrySplit(quoted, out var words, out _));
        Assert.Equal([word], words);
    }
}
