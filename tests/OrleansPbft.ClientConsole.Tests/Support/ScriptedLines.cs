namespace OrleansPbft.ClientConsole.Tests.Support;

/// <summary>Standard input on which things happen between the lines: each step may do something, and gives the next line.</summary>
internal sealed class ScriptedLines(params Func<Task<string>>[] steps) : TextReader
{
    private int _next;

    public override async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) =>
        _next < steps.Length ? await steps[_next++]() : null;
}
