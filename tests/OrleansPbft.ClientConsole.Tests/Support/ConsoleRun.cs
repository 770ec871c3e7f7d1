using System.Text.Json;
using OrleansPbft.Tests;

namespace OrleansPbft.ClientConsole.Tests.Support;

/// <summary>What one run of the console in this process came to.</summary>
internal sealed record ConsoleRun(int ExitCode, string Output, string Errors)
{
    /// <summary>The one JSON object it wrote.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public static Task<ConsoleRun> OfAsync(params string[] arguments) => OfAsync(arguments, TextReader.Null);

    /// <summary>Runs it with lines, or with bytes, on its standard input.</summary>
    public static async Task<ConsoleRun> OfAsync(string[] arguments, TextReader lines, byte[]? bytes = null)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var errors = new StringWriter { NewLine = "\n" };
        using var raw = new MemoryStream();
        var io = new ConsoleIo(lines, output, errors) { InputBytes = () => new MemoryStream(bytes ?? []), OutputBytes = () => raw };
        var exitCode = await ConsoleProgram.RunAsync(arguments, io).InTime();
        return new(exitCode, output + System.Text.Encoding.Latin1.GetString(raw.ToArray()), errors.ToString());
    }
}
