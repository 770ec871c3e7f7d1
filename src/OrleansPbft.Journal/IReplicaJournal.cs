using OrleansPbft.Core;

namespace OrleansPbft.Journal;

/// <summary>Where one replica makes its votes durable before it speaks (rule D-1). Its replica and its leader share it, each from turns of its own.</summary>
public interface IReplicaJournal
{
    /// <summary>Adds a record behind those appended before. It is durable once a flush that began later has ended.</summary>
    /// <param name="record">What to keep.</param>
    /// <exception cref="ArgumentException"><paramref name="record"/> records nothing.</exception>
    /// <exception cref="JournalException">Nothing can be made durable any more: see <see cref="JournalFailedException"/> and <see cref="JournalFencedException"/>.</exception>
    void Append(in JournalRecord record);

    /// <summary>Makes everything appended so far durable: one flush serves all effects that wait for it.</summary>
    /// <param name="cancellationToken">Stops waiting; what was appended may or may not be durable then.</param>
    /// <returns>Complete when it is durable. A failure means that nothing may be said that relies on it; after a
    /// <see cref="JournalOutOfSpaceException"/> it can be asked for again, and all that was appended is still there.</returns>
    ValueTask FlushAsync(CancellationToken cancellationToken);
}
