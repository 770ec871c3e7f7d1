using System.Globalization;
using OrleansPbft.Services;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>The key-value store as a dictionary. It shares no code with the real one.</summary>
internal sealed class ModelStore
{
    private readonly Dictionary<string, (string Value, long Version)> _entries = [];
    private long _revision;

    public ModelResult Apply(ReadOnlySpan<byte> operation) => Apply(Workload.Describe(operation));

    private ModelResult Apply(WorkloadOperation operation)
    {
        var exists = _entries.TryGetValue(operation.Key, out var entry);
        switch (operation.Kind)
        {
            case WorkloadOperationKind.Get:
                return exists ? new(KeyValueOutcome.Found, entry.Version, entry.Value) : new(KeyValueOutcome.NotFound);
            case WorkloadOperationKind.Put:
                if (operation.IfVersion is { } expected && expected != entry.Version) return new(KeyValueOutcome.VersionMismatch, entry.Version);
                return new(KeyValueOutcome.Written, Write(operation.Key, operation.Value));
            case WorkloadOperationKind.Delete:
                if (!exists) return new(KeyValueOutcome.NotFound);
                _entries.Remove(operation.Key);
                _revision++;
                return new(KeyValueOutcome.Deleted, entry.Version);
            case WorkloadOperationKind.Increment:
                var number = 0L;
                if (exists && !long.TryParse(entry.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
                {
                    return new(KeyValueOutcome.NotANumber, entry.Version);
                }

                var sum = (number + operation.By).ToString(CultureInfo.InvariantCulture);
                return new(KeyValueOutcome.Written, Write(operation.Key, sum), sum);
            default:
                return ModelResult.Rejected;
        }
    }

    private long Write(string key, string value)
    {
        _entries[key] = (value, ++_revision);
        return _revision;
    }
}
