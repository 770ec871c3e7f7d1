using System.Globalization;
using Orleans.Execution;

namespace Orleans.Runtime;

/// <summary>The identity of a grain: its class and its key.</summary>
public readonly struct GrainId : IEquatable<GrainId>
{
    private readonly long _integerKey;
    private readonly string? _stringKey;

    internal GrainId(GrainClass grainClass, long key)
    {
        Class = grainClass;
        _integerKey = key;
    }

    internal GrainId(GrainClass grainClass, string key)
    {
        Class = grainClass;
        _stringKey = key;
    }

    /// <summary>Whether this names no grain at all.</summary>
    public bool IsDefault => Class is null;

    internal GrainClass? Class { get; }

    internal long IntegerKey => Class is not null && _stringKey is null
        ? _integerKey
        : throw new InvalidOperationException($"Unable to extract an integer key from grain id {this}.");

    // Orleans writes integer keys in hexadecimal, so the same grain has the same name in the log of either runtime.
    internal string StringKey => _stringKey ?? _integerKey.ToString("X", CultureInfo.InvariantCulture);

    /// <summary>Whether both name the same grain.</summary>
    /// <param name="left">One identity.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    /// <summary>Whether they name different grains.</summary>
    /// <param name="left">One identity.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(GrainId other) =>
        ReferenceEquals(Class, other.Class) && _integerKey == other._integerKey
        && string.Equals(_stringKey, other._stringKey, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GrainId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Class, _stringKey is null ? _integerKey.GetHashCode() : _stringKey.GetHashCode(StringComparison.Ordinal));

    /// <summary>Class and key, as "replica/3".</summary>
    public override string ToString() => Class is null ? "(no grain)" : $"{Class.Name}/{StringKey}";
}
