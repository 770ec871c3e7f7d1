using OrleansPbft.Core;

namespace OrleansPbft.Journal;

/// <summary><c>Durability = None</c> (rule D-1): keeps nothing. A replica with it is a new one after each start of its process.</summary>
/// <remarks>Right where all replicas start and end together (shape S1): every start is then a new cluster with new keys, so no vote
/// of an earlier life can be contradicted.</remarks>
public sealed class NullJournal : IReplicaJournal
{
    private NullJournal()
    {
    }

    /// <summary>The only one; it holds nothing that two replicas could share.</summary>
    public static NullJournal Instance { get; } = new();

    /// <inheritdoc/>
    public void Append(in JournalRecord record)
    {
        if (record.Kind == JournalRecordKind.None) throw new ArgumentException("The record records nothing.", nameof(record));
    }

    /// <inheritdoc/>
    public ValueTask FlushAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : ValueTask.CompletedTask;
}
