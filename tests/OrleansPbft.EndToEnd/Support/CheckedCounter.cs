namespace OrleansPbft.EndToEnd;

/// <summary>One counter of the store that several clients increment, with all that they were told of it.</summary>
internal sealed class CheckedCounter(string key)
{
    private readonly Lock _gate = new();
    private readonly HashSet<long> _values = []; // gate, as all below
    private readonly List<string> _problems = [];
    private long _highest;
    private long _unknown;

    public string Key { get; } = key;

    /// <summary>Before an increment: the highest value that anybody was told. The answer must be above it.</summary>
    public long Highest
    {
        get
        {
            lock (_gate) return _highest;
        }
    }

    /// <summary>An increment was acknowledged.</summary>
    /// <param name="value">The value that it made, as the answer says.</param>
    /// <param name="before"><see cref="Highest"/> before it began.</param>
    public void OnAcknowledged(long value, long before)
    {
        lock (_gate)
        {
            if (!_values.Add(value)) _problems.Add($"Two increments of {Key} were answered {value}.");
            if (value <= before) _problems.Add($"An increment of {Key} was answered {value}, after another had been answered {before}.");
            _highest = Math.Max(_highest, value);
        }
    }

    /// <summary>An increment ended without an answer.</summary>
    public void OnUnknown()
    {
        lock (_gate) _unknown++;
    }

    /// <summary>Compares with what the counter is in the end.</summary>
    public (long Lost, long Doubled, IReadOnlyList<string> Problems) Compare(long value)
    {
        lock (_gate)
        {
            var acknowledged = _values.Count;
            var lost = Math.Max(0, Math.Max(acknowledged, _highest) - value);
            var doubled = Math.Max(0, value - acknowledged - _unknown);
            if (lost + doubled > 0) _problems.Add($"{Key} is {value}: {acknowledged} increments were acknowledged, up to {_highest}, and of {_unknown} the outcome is unknown.");
            return (lost, doubled, _problems);
        }
    }
}
