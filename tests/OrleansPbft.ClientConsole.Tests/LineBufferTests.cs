using OrleansPbft.ClientConsole.Prompt;

namespace OrleansPbft.ClientConsole.Tests;

public sealed class LineBufferTests
{
    private readonly LineHistory _history = new();

    [Theory]
    [InlineData("put a b", "put a b", 7)]
    [InlineData("put<Left><Left>X", "pXut", 2)]
    [InlineData("put<Home>x<End>y", "xputy", 5)]
    [InlineData("put<Backspace><Backspace>", "p", 1)]
    [InlineData("<Backspace>put<Home><Delete>", "ut", 0)]
    [InlineData("put<Delete>", "put", 3)]
    [InlineData("<Left>a<Right><Right>b", "ab", 2)]
    [InlineData("one two three<^W>", "one two ", 8)]
    [InlineData("one two <^W>", "one ", 4)]
    [InlineData("one two<^A><^K>", "", 0)]
    [InlineData("one two<Left><Left><Left><^U>", "two", 0)]
    [InlineData("one<^A>x<^E>y", "xoney", 5)]
    [InlineData("abc<^A><^D>", "bc", 0)]
    [InlineData("junk<Escape>", "", 0)]
    [InlineData("li<Tab>", "list ", 5)]
    [InlineData("p<Tab>", "pu", 2)]
    [InlineData("put l<Tab>", "put list ", 9)]
    [InlineData("put l<^I>", "put list ", 9)]
    [InlineData("li end<Left><Left><Left><Left><Tab>", "list  end", 5)]
    [InlineData("x<Tab>", "x", 1)]
    [InlineData("put \"a k<Tab>", "put \"a key\" ", 12)]
    [InlineData("put cen<Tab>", "put censor:", 11)]
    public void Keys_edit_the_line(string keys, string text, int cursor)
    {
        var line = Line();

        Assert.Equal(LineState.Editing, Type(line, keys));
        Assert.Equal((text, cursor), (line.Text, line.Cursor));
    }

    [Fact]
    public void Enter_completes_Control_C_abandons_and_Control_D_ends_an_empty_line()
    {
        Assert.Equal(LineState.Complete, Type(Line(), "get a<Enter>"));
        Assert.Equal(LineState.Abandoned, Type(Line(), "get a<^C>"));
        Assert.Equal(LineState.End, Type(Line(), "<^D>"));
        Assert.Equal(LineState.Editing, Type(Line(), "get a<^D>"));
    }

    [Fact]
    public void The_arrows_walk_through_the_history_and_back_to_what_was_being_typed()
    {
        _history.Add("first");
        _history.Add("second");
        var line = Line();

        Type(line, "draft<Up>");
        Assert.Equal("second", line.Text);
        Type(line, "<Up><Up><Up>");
        Assert.Equal("first", line.Text);
        Type(line, "<Down>");
        Assert.Equal("second", line.Text);
        Type(line, "<Down><Down>");
        Assert.Equal(("draft", 5), (line.Text, line.Cursor));
    }

    [Fact]
    public void What_Tab_does_not_decide_is_offered_until_the_next_key()
    {
        var line = Line();

        Type(line, "pu<Tab>");
        Assert.Equal(["push", "put"], line.Candidates);
        Type(line, "s");
        Assert.Empty(line.Candidates);
        Type(line, "<Tab>");
        Assert.Equal("push ", line.Text);
    }

    [Fact]
    public void Control_R_finds_the_newest_line_and_then_older_ones()
    {
        foreach (var earlier in (string[])["put a 1", "get a", "put b 2"]) _history.Add(earlier);
        var line = Line();

        Type(line, "draft<^R>PUT");
        Assert.Equal(("PUT", "put b 2", false), (line.Search!.Pattern, line.Search.Found, line.Search.Fails));
        Type(line, "<^R>");
        Assert.Equal("put a 1", line.Search.Found);
        Type(line, "<^R>");
        Assert.Equal(("put a 1", true), (line.Search.Found, line.Search.Fails));
        Assert.Equal(LineState.Editing, Type(line, "<End>"));
        Assert.Equal(("put a 1", 7), (line.Text, line.Cursor));
        Assert.Null(line.Search);
    }

    [Theory]
    [InlineData("draft<^R>get<Enter>", true, "get a")]
    [InlineData("draft<^R>get<Escape>", false, "draft")]
    [InlineData("draft<^R>get<^C>", false, "draft")]
    [InlineData("draft<^R>get<^G>x", false, "draftx")]
    [InlineData("draft<^R>nothing<Enter>", true, "draft")]
    [InlineData("draft<^R>b<Backspace>g<Enter>", true, "get a")]
    [InlineData("draft<^R>get<Left>X", false, "get Xa")]
    public void A_search_ends_with_the_line_that_was_found_or_with_what_was_being_typed(string keys, bool isComplete, string text)
    {
        foreach (var earlier in (string[])["put b 1", "get a"]) _history.Add(earlier);
        var line = Line();

        Assert.Equal((isComplete ? LineState.Complete : LineState.Editing, text), (Type(line, keys), line.Text));
    }

    [Fact]
    public void The_history_keeps_the_newest_lines_and_none_twice_in_a_row()
    {
        for (var i = 0; i < LineHistory.LinesMax + 10; i++) _history.Add($"line {i}");
        _history.Add($"line {LineHistory.LinesMax + 9}");
        _history.Add("  ");

        Assert.Equal(LineHistory.LinesMax, _history.Count);
        Assert.Equal("line 10", _history[0]);
        Assert.Equal($"line {LineHistory.LinesMax + 9}", _history[^1]);
    }

    private static LineState Type(LineBuffer line, string keys)
    {
        var state = LineState.Editing;
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] != '<')
            {
                state = line.Press(new(keys[i], ConsoleKey.None, false, false, false));
                continue;
            }

            var name = keys[(i + 1)..keys.IndexOf('>', i)];
            i += name.Length + 1;
            state = name[0] == '^'
                ? line.Press(new((char)(name[1] - '@'), Enum.Parse<ConsoleKey>(name[1..]), false, false, control: true))
                : line.Press(new('\0', KeyOf(name), false, false, false));
        }

        return state;
    }

    private static ConsoleKey KeyOf(string name) => name switch
    {
        "Left" or "Right" or "Up" or "Down" => Enum.Parse<ConsoleKey>(name + "Arrow"),
        _ => Enum.Parse<ConsoleKey>(name),
    };

    private LineBuffer Line() => new(_history, static before =>
    {
        LineWords.Before(before, out var typed, out var start);
        string[] words = ["a key", "censor:", "exit", "list", "push", "put"];
        return new(start, [.. words.Where(word => word.StartsWith(typed, StringComparison.Ordinal))]);
    });
}
