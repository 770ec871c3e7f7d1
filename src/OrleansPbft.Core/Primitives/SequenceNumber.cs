namespace OrleansPbft.Core;

/// <summary>n: the place of a batch in the one order that all correct replicas execute. The first batch is 1.</summary>
/// <param name="Value">0 (nothing yet) or more.</param>
public readonly record struct SequenceNumber(long Value) : IComparable<SequenceNumber>
{
    /// <summary>Before the first batch.</summary>
    public static SequenceNumber Zero => new(0);

    /// <summary>n + 1.</summary>
    public SequenceNumber Next => new(Value + 1);

    /// <inheritdoc/>
    public int CompareTo(SequenceNumber other) => Value.CompareTo(other.Value);

    /// <summary>n + <paramref name="distance"/>.</summary>
    public SequenceNumber Plus(long distance) => new(Value + distance);

    /// <summary>Whether <paramref name="left"/> comes first.</summary>
    public static bool operator <(SequenceNumber left, SequenceNumber right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> comes later.</summary>
    public static bool operator >(SequenceNumber left, SequenceNumber right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> does not come later.</summary>
    public static bool operator <=(SequenceNumber left, SequenceNumber right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> does not come first.</summary>
    public static bool operator >=(SequenceNumber left, SequenceNumber right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public override string ToString() => $"n{Value}";
}
