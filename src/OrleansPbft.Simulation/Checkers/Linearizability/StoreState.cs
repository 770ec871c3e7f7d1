using System.Globalization;
using OrleansPbft.Services;

namespace OrleansPbft.Simulation.Checkers.Linearizability;

/// <summary>What some keys of a key-value store hold, immutable. A step says what an operation may lead to, given what its client was told.</summary>
/// <remarks>The store numbers its writes. Where these are all of its keys, every version is known. Otherwise writes to other keys count too, and a version is only
/// known to be higher than those before it; of a write whose answer nobody saw only a lower bound is known, until a read tells.</remarks>
internal sealed class StoreState : IEquatable<StoreState>
{
    private readonly SortedList<string, Entry> _entries;
    private readonly long _floor; // the store's revision is at least this; exactly this where these are all keys
    private readonly bool _isWhole;
    private readonly int _hash;

    private StoreState(SortedList<string, Entry> entries, long floor, bool isWhole)
    {
        _entries = entries;
        _floor = floor;
        _isWhole = isWhole;
        var hash = new HashCode();
        hash.Add(floor);
        foreach (var (key, entry) in entries)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(entry);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>A store at its beginning.</summary>
    /// <param name="isWhole">Whether the keys looked at are all that anybody works on.</param>
    public static StoreState Empty(bool isWhole) => new(new(StringComparer.Ordinal), 0, isWhole);

    /// <summary>Adds to <paramref name="next"/> every state that <paramref name="operation"/> may lead to with this result; none when it can not have it.</summary>
    public void Step(WorkloadOperation operation, ModelResult? result, List<StoreState> next)
    {
        if (operation.Kind == WorkloadOperationKind.Nonsense) next.Add(this); // the reply checker looks at refusals
        else if (result is null) StepUnseen(operation, next);
        else if (StepSeen(operation, result) is { } state) next.Add(state);
    }

    public bool Equals(StoreState? other) =>
        other is not null && _hash == other._hash && _floor == other._floor && _entries.Count == other._entries.Count && _entries.SequenceEqual(other._entries);

    public override bool Equals(object? obj) => Equals(obj as StoreState);

    public override int GetHashCode() => _hash;

    private StoreState? StepSeen(WorkloadOperation operation, ModelResult result)
    {
        _entries.TryGetValue(operation.Key, out var entry);
        switch (operation.Kind, result.Outcome)
        {
            case (WorkloadOperationKind.Get, KeyValueOutcome.Found):
                return entry is not null && entry.Value == result.Value ? Learn(operation.Key, entry, result.Version) : null;
            case (WorkloadOperationKind.Get or WorkloadOperationKind.Delete, KeyValueOutcome.NotFound):
                return entry is null ? this : null;
            case (WorkloadOperationKind.Put, KeyValueOutcome.Written):
                return operation.IfVersion is not { } expected || MayBe(entry, expected) ? Write(operation.Key, operation.Value, result.Version) : null;
            case (WorkloadOperationKind.Put, KeyValueOutcome.VersionMismatch):
                if (operation.IfVersion is null || operation.IfVersion == result.Version) return null;
                return entry is null ? result.Version == 0 ? this : null : Learn(operation.Key, entry, result.Version);
            case (WorkloadOperationKind.Delete, KeyValueOutcome.Deleted):
                return entry is not null && Learn(operation.Key, entry, result.Version) is { } learned ? learned.Remove(operation.Key) : null;
            case (WorkloadOperationKind.Increment, KeyValueOutcome.Written):
                return Sum(entry, operation.By) is { } sum && sum == result.Value ? Write(operation.Key, sum, result.Version) : null;
            case (WorkloadOperationKind.Increment, KeyValueOutcome.NotANumber):
                return entry is not null && Sum(entry, operation.By) is null ? Learn(operation.Key, entry, result.Version) : null;
            default:
                return null;
        }
    }

    /// <summary>Nobody knows what it answered. Where it changes nothing, that is as if it had never taken effect.</summary>
    private void StepUnseen(WorkloadOperation operation, List<StoreState> next)
    {
        _entries.TryGetValue(operation.Key, out var entry);
        switch (operation.Kind)
        {
            case WorkloadOperationKind.Put:
                var mayWrite = operation.IfVersion is not { } expected || MayBe(entry, expected);
                if (!mayWrite || (operation.IfVersion is not null && entry is { IsExact: false })) next.Add(this);
                if (mayWrite) next.Add(Write(operation.Key, operation.Value, version: null)!);
                break;
            case WorkloadOperationKind.Delete when entry is not null:
                next.Add(Remove(operation.Key));
                break;
            case WorkloadOperationKind.Increment when Sum(entry, operation.By) is { } sum:
                next.Add(Write(operation.Key, sum, version: null)!);
                break;
            default:
                next.Add(this);
                break;
        }
    }

    private static bool MayBe(Entry? entry, long version)
    {
        if (entry is null) return version == 0;
        return entry.IsExact ? entry.Version == version : version >= entry.Version;
    }

    private StoreState? Learn(string key, Entry entry, long version)
    {
        if (!MayBe(entry, version)) return null;
        return entry.IsExact ? this : With(key, entry with { Version = version, IsExact = true }, Math.Max(_floor, version));
    }

    /// <summary>Null when the version was given out before.</summary>
    private StoreState? Write(string key, string value, long? version)
    {
        if (version is null) return With(key, new(value, _floor + 1, IsExact: _isWhole), _floor + 1);
        var mayBe = _isWhole ? version == _floor + 1 : version > _floor;
        return mayBe ? With(key, new(value, version.Value, IsExact: true), version.Value) : null;
    }

    private StoreState With(string key, Entry entry, long floor)
    {
        var entries = new SortedList<string, Entry>(_entries, StringComparer.Ordinal) { [key] = entry };
        return new(entries, floor, _isWhole);
    }

    private StoreState Remove(string key)
    {
        var entries = new SortedList<string, Entry>(_entries, StringComparer.Ordinal);
        entries.Remove(key);
        return new(entries, _floor + 1, _isWhole);
    }

    private static string? Sum(Entry? entry, long by)
    {
        var number = 0L;
        if (entry is not null && !long.TryParse(entry.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)) return null;
        return (number + by).ToString(CultureInfo.InvariantCulture);
    }

    private sealed record Entry(string Value, long Version, bool IsExact);
}
