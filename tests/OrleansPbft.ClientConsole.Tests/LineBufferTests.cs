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
    [InlineData("p<Tab>", "p", 1)]
    [InlineData("put l<Tab>", "put l", 5)]
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

    private LineBuffer Line() => new(_history, ["put", "push", "list", "exit"]);
}
