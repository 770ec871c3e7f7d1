using System.Diagnostics.Metrics;
using OrleansPbft.Tests;

namespace OrleansPbft.Links.Tests;

/// <summary>Adds up what one host's counters say, by instrument and reason, and lets a test wait for it.</summary>
internal sealed class CountedMeasurements : IDisposable
{
    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _sums = [];
    private readonly List<(string Key, long Sum, TaskCompletionSource Reached)> _waiting = [];

    public CountedMeasurements(IMeterFactory scope)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "OrleansPbft" && instrument.Meter.Scope == scope) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(OnMeasurement);
        _listener.Start();
    }

    public long this[string key]
    {
        get
        {
            lock (_gate) return _sums.GetValueOrDefault(key);
        }
    }

    /// <summary>Waits until the counter has at least this sum. The key is the instrument's last names, and the reason: "connections.closed/Idle".</summary>
    public Task Reach(string key, long sum)
    {
        lock (_gate)
        {
            if (_sums.GetValueOrDefault(key) >= sum) return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((key, sum, reached));
            return reached.Task.InTime();
        }
    }

    public void Dispose() => _listener.Dispose();

    private void OnMeasurement(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var key = instrument.Name.Replace("pbft.client_port.", "", StringComparison.Ordinal);
        foreach (var tag in tags) key += $"/{tag.Value}";
        lock (_gate)
        {
            var sum = _sums[key] = _sums.GetValueOrDefault(key) + value;
            _waiting.RemoveAll(wait =>
            {
                var reached = wait.Key == key && sum >= wait.Sum;
                if (reached) wait.Reached.SetResult();
                return reached;
            });
        }
    }
}
