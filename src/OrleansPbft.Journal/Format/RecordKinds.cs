using OrleansPbft.Core;

namespace OrleansPbft.Journal.Format;

/// <summary>The kinds of records in files: those of <see cref="JournalRecordKind"/>, and the journal's own.</summary>
internal static class RecordKinds
{
    /// <summary>A snapshot is durable under its name, and what it covers may go.</summary>
    public const byte Snapshot = 16;

    /// <summary>Nothing but what every record says: how far the journal is durable.</summary>
    public const byte Mark = 17;

    /// <summary>A chunk of the state, in a snapshot's file.</summary>
    public const byte Chunk = 32;

    /// <summary>The end of a snapshot's file.</summary>
    public const byte End = 33;

    /// <summary>Set on a record that an earlier segment has as well, repeated in case that segment goes.</summary>
    public const byte Repeated = 0x80;

    /// <summary>Whether a replica appended it.</summary>
    public static bool IsOfReplica(byte kind) => kind is > (byte)JournalRecordKind.None and <= (byte)JournalRecordKind.Lives;

    /// <summary>Whether it is of no concern to a replica: the journal's own, or a repeated one that it has read before.</summary>
    public static bool IsOfJournal(byte kind) => kind is Snapshot or Mark || ((kind & Repeated) != 0 && IsOfReplica((byte)(kind & ~Repeated)));

    /// <summary>Its name, for people.</summary>
    public static string NameOf(byte kind) => (byte)(kind & ~Repeated) switch
    {
        Snapshot => "Snapshot",
        Mark => "Mark",
        Chunk => "Chunk",
        End => "End",
        var other when IsOfReplica(other) => ((JournalRecordKind)other).ToString(),
        var other => $"kind {other}",
    };
}
