using OrleansPbft.Core;

namespace OrleansPbft.Journal.Writing;

/// <summary>What every segment begins with: what is known of lives, and in which view the replica is: the last NEW-VIEW that it entered, and what it left since.</summary>
/// <remarks>So segments can be removed without regard to these: what a kept segment holds is read in the view in which it was written.</remarks>
internal sealed class ViewRecords
{
    /// <summary>The body of the last record of its kind; null where there is none.</summary>
    public byte[]? Entered { get; private set; }

    /// <summary>The same of what was left since; null where a view was entered after it.</summary>
    public byte[]? Left { get; private set; }

    /// <summary>The body of the last record of lives; null where there is none.</summary>
    public byte[]? Lives { get; private set; }

    /// <summary>A record was written, or read.</summary>
    public void Note(byte kind, ReadOnlySpan<byte> body)
    {
        switch ((JournalRecordKind)kind)
        {
            case JournalRecordKind.ViewEntered:
                Entered = body.ToArray();
                Left = null;
                break;
            case JournalRecordKind.ViewLeft:
                Left = body.ToArray();
                break;
            case JournalRecordKind.Lives:
                Lives = body.ToArray();
                break;
        }
    }

    /// <summary>What is to be repeated, in order.</summary>
    public IEnumerable<(byte Kind, byte[] Body)> All()
    {
        if (Lives is not null) yield return ((byte)JournalRecordKind.Lives, Lives);
        if (Entered is not null) yield return ((byte)JournalRecordKind.ViewEntered, Entered);
        if (Left is not null) yield return ((byte)JournalRecordKind.ViewLeft, Left);
    }
}
