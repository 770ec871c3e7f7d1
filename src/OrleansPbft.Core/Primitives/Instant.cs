namespace OrleansPbft.Core;

/// <summary>A point in time as the host tells it: microseconds since 1970-01-01T00:00:00Z.</summary>
/// <remarks>The core never asks for the time. A host's instants never go backwards within one process.</remarks>
/// <param name="Microseconds">May be any value; hosts give wall-clock time, simulations virtual time.</param>
public readonly record struct Instant(long Microseconds) : IComparable<Instant>
{
    /// <summary>Later than every real instant: "never".</summary>
    public static Instant Never => new(long.MaxValue);

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Microseconds.CompareTo(other.Microseconds);

    /// <summary>This instant and <paramref name="span"/> more, not beyond <see cref="Never"/>.</summary>
    public Instant Plus(TimeSpan span)
    {
        var micros = span.Ticks / TimeSpan.TicksPerMicrosecond;
        return micros > 0 && Microseconds > long.MaxValue - micros ? Never : new(Microseconds + micros);
    }

    /// <summary>How long after <paramref name="earlier"/> this is; negative when it is before.</summary>
    public TimeSpan Since(Instant earlier) => TimeSpan.FromMicroseconds(Microseconds - earlier.Microseconds);

    /// <summary>Whether <paramref name="left"/> is earlier.</summary>
    public static bool operator <(Instant left, Instant right) => left.Microseconds < right.Microseconds;

    /// <summary>Whether <paramref name="left"/> is later.</summary>
    public static bool operator >(Instant left, Instant right) => left.Microseconds > right.Microseconds;

    /// <summary>Whether <paramref name="left"/> is not later.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Microseconds <= right.Microseconds;

    /// <summary>Whether <paramref name="left"/> is not earlier.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Microseconds >= right.Microseconds;
}
