using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Orleans.Embedded.Tests;

/// <summary>What the grains of a test tell it, and the gates at which they wait for it.</summary>
internal sealed class Probe
{
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();
    private int _count;
    private int _countKept;

    /// <summary>Whether the next activation that asks shall fail.</summary>
    public bool FailActivation { get; set; }

    /// <summary>One more than the last time: numbers the activations of a test.</summary>
    public int Count() => Interlocked.Increment(ref _count);

    /// <inheritdoc cref="Count"/>
    public int CountKept() => Interlocked.Increment(ref _countKept);

    public void Say(string what) => _events.Writer.TryWrite(what);

    public async Task<string> NextAsync() => await _events.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>What has been said and not yet taken.</summary>
    public List<string> Said()
    {
        List<string> said = [];
        while (_events.Reader.TryRead(out var what)) said.Add(what);
        return said;
    }

    public Task PassAsync(string gate) => GateOf(gate).Task;

    public void Open(string gate) => GateOf(gate).TrySetResult();

    public void OpenAllGates()
    {
        foreach (var gate in _gates.Values) gate.TrySetResult();
    }

    private TaskCompletionSource GateOf(string gate) =>
        _gates.GetOrAdd(gate, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
