using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansPbft.ClientConsole;

/// <summary>What a verb has to say, as text and as JSON, and how it ends.</summary>
internal sealed record VerbResult
{
    /// <summary>JSON of which a document is one line.</summary>
    internal static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>See <see cref="ClientConsole.ExitCode"/>.</summary>
    public required int ExitCode { get; init; }

    /// <summary>For a person, without the last line's end. Empty where there is nothing to say.</summary>
    public required string Text { get; init; }

    /// <summary>For a program.</summary>
    public required JsonObject Json { get; init; }

    /// <summary>Whether the text says that it did not work, and is no answer.</summary>
    public bool IsError { get; private init; }

    /// <summary>Whether all was written already.</summary>
    public bool IsWritten { get; private init; }

    /// <summary>Bytes to write as they are instead of the text; null for none.</summary>
    public ReadOnlyMemory<byte>? Raw { get; init; }

    /// <summary>The end of what was written already.</summary>
    public static VerbResult Written(int exitCode) => new() { ExitCode = exitCode, Text = "", Json = [], IsWritten = true };

    public static VerbResult Done(string text, JsonObject json) => new() { ExitCode = ClientConsole.ExitCode.Done, Text = text, Json = json };

    /// <summary>What did not work: <c>{"error": {"code", "message", ...}}</c>.</summary>
    /// <param name="exitCode">See <see cref="ClientConsole.ExitCode"/>.</param>
    /// <param name="code">The same codes as those of the HTTP API's problems, for programs.</param>
    /// <param name="message">One sentence, and what to do.</param>
    /// <param name="more">More members of the error.</param>
    public static VerbResult Error(int exitCode, string code, string message, params ReadOnlySpan<(string Name, JsonNode? Value)> more)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        foreach (var (name, value) in more) error[name] = value;
        return new() { ExitCode = exitCode, Text = message, Json = new() { ["error"] = error }, IsError = true };
    }

    /// <summary>Writes it: answers to standard output, failures to standard error; JSON always to standard output.</summary>
    public async Task WriteAsync(ConsoleIo io, bool asJson)
    {
        if (IsWritten) return;
        if (asJson)
        {
            await io.Output.WriteLineAsync(Json.ToJsonString(Indented));
        }
        else if (Raw is { } raw)
        {
            await using var output = io.OutputBytes();
            await output.WriteAsync(raw);
        }
        else if (Text.Length > 0)
        {
            var isRed = IsError && io.ReportsToTerminal && io.WantsColour;
            await (ExitCode == ClientConsole.ExitCode.Done ? io.Output : io.Errors).WriteLineAsync(isRed ? $"\e[31m{Text}\e[39m" : Text);
        }
    }

    /// <summary>Text that others wrote, without what would steer the terminal it is shown on.</summary>
    public static string Printable(string text)
    {
        if (!text.Any(static c => char.IsControl(c) && c is not ('\n' or '\t'))) return text;
        var printable = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (char.IsControl(c) && c is not ('\n' or '\t')) printable.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else printable.Append(c);
        }

        return printable.ToString();
    }
}
