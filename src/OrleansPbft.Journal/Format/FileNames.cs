using System.Globalization;

namespace OrleansPbft.Journal.Format;

/// <summary>The names of a journal's files. In ordinal order they are in the order of their numbers.</summary>
internal static class FileNames
{
    /// <summary>Held by whoever owns the journal.</summary>
    public const string Lock = "lock";

    /// <summary>Says in words who that is.</summary>
    public const string Owner = "owner";

    private const string SegmentSuffix = ".segment";
    private const string SnapshotSuffix = ".snapshot";
    private const string UnfinishedSuffix = ".new";
    private const int SegmentDigits = 10;
    private const int SnapshotDigits = 19;

    public static string OfSegment(long number) => number.ToString("D10", CultureInfo.InvariantCulture) + SegmentSuffix;

    public static string OfSnapshot(long sequence) => sequence.ToString("D19", CultureInfo.InvariantCulture) + SnapshotSuffix;

    /// <summary>The name of a file that is not complete: nothing in it is needed.</summary>
    public static string Unfinished(string name) => name + UnfinishedSuffix;

    public static bool IsUnfinished(string name) => name.EndsWith(UnfinishedSuffix, StringComparison.Ordinal);

    public static bool IsSegment(string name, out long number) => TryParse(name, SegmentSuffix, SegmentDigits, out number);

    public static bool IsSnapshot(string name, out long sequence) => TryParse(name, SnapshotSuffix, SnapshotDigits, out sequence);

    private static bool TryParse(string name, string suffix, int digits, out long number)
    {
        number = 0;
        return name.Length == digits + suffix.Length
            && name.EndsWith(suffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
