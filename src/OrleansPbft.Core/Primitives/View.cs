namespace OrleansPbft.Core;

/// <summary>v: a period in which one replica, <c>v mod n</c>, is the primary. Starts at 0 and only grows.</summary>
/// <param name="Number">0 or more. One view change a second would take 292 billion years to exhaust it.</param>
public readonly record struct View(long Number) : IComparable<View>
{
    /// <summary>The view every cluster starts in.</summary>
    public static View Initial => new(0);

    /// <summary>v + 1.</summary>
    public View Next => new(Number + 1);

    /// <inheritdoc/>
    public int CompareTo(View other) => Number.CompareTo(other.Number);

    /// <summary>Whether <paramref name="left"/> is the older view.</summary>
    public static bool operator <(View left, View right) => left.Number < right.Number;

    /// <summary>Whether <paramref name="left"/> is the newer view.</summary>
    public static bool operator >(View left, View right) => left.Number > right.Number;

    /// <summary>Whether <paramref name="left"/> is not the newer view.</summary>
    public static bool operator <=(View left, View right) => left.Number <= right.Number;

    /// <summary>Whether <paramref name="left"/> is not the older view.</summary>
    public static bool operator >=(View left, View right) => left.Number >= right.Number;

    /// <inheritdoc/>
    public override string ToString() => $"v{Number}";
}
