using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Orleans.Embedded.Tests;

/// <summary>What the runtime has logged, in order; a test takes the lines it expects.</summary>
internal sealed class CapturedLog : ILoggerProvider, ILogger
{
    private readonly Channel<LogLine> _lines = Channel.CreateUnbounded<LogLine>();

    /// <summary>The next line with this event id; earlier lines of others are skipped.</summary>
    public async Task<LogLine> NextAsync(int eventId)
    {
        while (true)
        {
            var line = await _lines.Reader.ReadAsync(TestContext.Current.CancellationToken);
            if (line.EventId == eventId) return line;
        }
    }

    /// <summary>The lines not yet taken that have this event id.</summary>
    public List<LogLine> Take(int eventId)
    {
        List<LogLine> lines = [];
        while (_lines.Reader.TryRead(out var line))
        {
            if (line.EventId == eventId) lines.Add(line);
        }

        return lines;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Writer.TryWrite(new LogLine(eventId.Id, formatter(state, exception), exception));

    public void Dispose()
    {
    }

    internal sealed record LogLine(int EventId, string Text, Exception? Exception);
}
