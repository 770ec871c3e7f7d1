using System.Globalization;
using System.Text.Json.Nodes;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>Tells a scenario while it happens, or keeps it for one JSON document; and keeps what was expected and was not observed.</summary>
/// <param name="io">Where it is told.</param>
/// <param name="isJson">Whether nothing is told until the end, and then as JSON.</param>
/// <param name="pauses">Whether each step waits for Enter.</param>
internal sealed class Narrator(ConsoleIo io, bool isJson, bool pauses)
{
    private const int Columns = 120;

    private readonly JsonArray _steps = [];
    private readonly JsonArray _checks = [];
    private readonly List<string> _unmet = [];
    private JsonArray _observations = [];

    /// <summary>Says what is played.</summary>
    public Task OpenAsync(Demo demo) => TellAsync($"demo {demo.Name}: {demo.Summary}", indent: "");

    /// <summary>A step begins: says what it will do.</summary>
    public async Task StepAsync(string what, CancellationToken cancellationToken)
    {
        if (pauses && _steps.Count > 0)
        {
            await io.Output.WriteAsync("\n[Enter goes on] ");
            await io.EnterAsync(cancellationToken);
            await io.Output.WriteLineAsync();
        }

        cancellationToken.ThrowIfCancellationRequested();
        _observations = [];
        _steps.Add((JsonNode)new JsonObject { ["step"] = what, ["observations"] = _observations });
        await TellAsync(string.Create(CultureInfo.InvariantCulture, $"\n{_steps.Count}. {what}"), indent: "");
    }

    /// <summary>Explains something: no observation.</summary>
    public Task SayAsync(string sentence) => TellAsync(sentence, indent: "   ");

    /// <summary>Shows what was observed.</summary>
    public Task ObserveAsync(string text, JsonObject json)
    {
        _observations.Add((JsonNode)json);
        return TellAsync(text, indent: "   ");
    }

    /// <summary>Compares what was observed with what was expected.</summary>
    public Task CheckAsync(bool holds, string expectation)
    {
        _checks.Add((JsonNode)new JsonObject { ["expected"] = expectation, ["observed"] = holds });
        if (!holds) _unmet.Add(expectation);
        return TellAsync($"{(holds ? "[ok] " : "[NOT AS EXPECTED] ")}{expectation}", indent: "   ");
    }

    /// <summary>How the scenario ended: with everything as expected, or not; or with what kept it from its end.</summary>
    public VerbResult Conclude(Demo demo, VerbResult? failure)
    {
        if (failure is null && _unmet.Count > 0)
        {
            failure = VerbResult.Error(ExitCode.Failure, "not-as-expected", $"\nThis was expected and not observed: {string.Join("; ", _unmet)}.");
        }

        var json = new JsonObject
        {
            ["demo"] = demo.Name,
            ["point"] = demo.Point,
            ["asExpected"] = failure is null,
            ["checks"] = _checks.DeepClone(),
            ["steps"] = _steps.DeepClone(),
        };
        if (failure is null) return VerbResult.Done(Wrap($"\nThe point: {demo.Point}", ""), json);
        json["error"] = failure.Json["error"]!.DeepClone();
        return failure with { Json = json };
    }

    private async Task TellAsync(string text, string indent)
    {
        if (isJson) return;
        foreach (var line in VerbResult.Printable(text).Split('\n')) await io.Output.WriteLineAsync(Wrap(line, indent));
        await io.Output.FlushAsync();
    }

    /// <summary>Breaks a sentence at spaces, and leaves tables as they are.</summary>
    private static string Wrap(string line, string indent)
    {
        var wrapped = new System.Text.StringBuilder();
        while (line.Length + indent.Length > Columns && !line.Contains("   ", StringComparison.Ordinal)
            && line.LastIndexOf(' ', Columns - indent.Length) is > 0 and var at)
        {
            wrapped.Append(indent).Append(line.AsSpan(0, at)).Append('\n');
            line = line[(at + 1)..];
        }

        return line.Length == 0 ? wrapped.ToString() : wrapped.Append(indent).Append(line).ToString();
    }
}
