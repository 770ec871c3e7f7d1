using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansPbft.Tests;

namespace OrleansPbft.Links.Tests;

/// <summary>Keeps what one host logs, and lets a test wait for a line.</summary>
internal sealed class CapturedLog : ILoggerProvider, ILogger
{
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly List<(string Part, TaskCompletionSource<string> Seen)> _waiting = [];

    public int CountOf(string part) => _lines.Count(line => line.Contains(part, StringComparison.Ordinal));

    /// <summary>Waits for a line with this in it.</summary>
    public Task<string> LineAsync(string part)
    {
        lock (_gate)
        {
            if (_lines.FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal)) is { } line) return Task.FromResult(line);
            var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((part, seen));
            return seen.Task.InTime();
        }
    }

    public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("OrleansPbft", StringComparison.Ordinal) ? this : new Silent();

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        lock (_gate)
        {
            _lines.Enqueue(line);
            _waiting.RemoveAll(wait =>
            {
                var isIt = line.Contains(wait.Part, StringComparison.Ordinal);
                if (isIt) wait.Seen.SetResult(line);
                return isIt;
            });
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Dispose()
    {
    }

    private sealed class Silent : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => false;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
