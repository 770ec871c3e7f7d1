using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansPbft.ClientConsole;

/// <summary>Text as the output bears it: tables with rules and colours on a terminal, plain columns without either elsewhere.</summary>
internal static class Screen
{
    // Nobody folds what a program reads.
    private const int WidthElsewhere = 400;

    /// <summary>Where this goes well.</summary>
    public static Color Good => Color.Green;

    /// <summary>Where something is to be looked at.</summary>
    public static Color Doubtful => Color.Yellow;

    /// <summary>Where something is wrong.</summary>
    public static Color Bad => Color.Red;

    /// <summary>A table without rows.</summary>
    public static Table Table(ConsoleIo io, params ReadOnlySpan<string> columns)
    {
        var table = new Table { Border = io.WritesTerminal ? TableBorder.Simple : TableBorder.None };
        foreach (var heading in columns)
        {
            var column = new TableColumn(new Text(heading));
            if (!io.WritesTerminal) column.Padding = new(0, 0, 2, 0); // no rules and no frame: two spaces keep columns apart
            table.AddColumn(column);
        }

        return table;
    }

    /// <summary>A table of numbers, without rows.</summary>
    public static Table Numbers(ConsoleIo io, params ReadOnlySpan<string> columns)
    {
        var table = Table(io, columns);
        foreach (var column in table.Columns) column.Alignment = Justify.Right;
        return table;
    }

    /// <summary>A cell, or a line, in a colour; whatever would steer the terminal is shown instead.</summary>
    public static Text Cell(object value, Color? colour = null) =>
        new(VerbResult.Printable(Convert.ToString(value, CultureInfo.InvariantCulture)!), colour is { } one ? new Style(one) : Style.Plain);

    /// <summary>Draws parts one below the other, for standard output.</summary>
    public static string Draw(ConsoleIo io, params IEnumerable<IRenderable> parts)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var console = On(io, writer, io.HasColour ? AnsiSupport.Yes : AnsiSupport.No);
        foreach (var part in parts)
        {
            console.Write(part);
            if (part is Text) writer.WriteLine();
        }

        return string.Join('\n', writer.ToString().Split('\n').Select(static line => line.TrimEnd())).TrimEnd();
    }

    /// <summary>A terminal, or what stands for one, to draw on.</summary>
    public static IAnsiConsole On(ConsoleIo io, TextWriter writer, AnsiSupport ansi)
    {
        var console = AnsiConsole.Create(new()
        {
            Ansi = ansi,
            ColorSystem = io.HasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = ansi == AnsiSupport.Yes ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = io.WritesTerminal ? Math.Max(40, io.Width()) : WidthElsewhere;
        return console;
    }
}
