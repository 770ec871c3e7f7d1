using OrleansPbft.Core;

namespace OrleansPbft.Journal;

/// <summary>The outbox of one machine before its journal: nothing of it gets out before what it relies on is durable (rule D-1).</summary>
/// <remarks>Whoever drives a machine, a silo or a simulation, performs its effects through this, in three steps: <see cref="Append"/>,
/// <see cref="FlushAsync"/> where that is asked for, <see cref="Perform"/>. One caller at a time.</remarks>
/// <param name="journal">Where the machine's records go.</param>
public sealed class JournaledOutbox(IReplicaJournal journal)
{
    private bool _waits; // for what was appended to become durable

    /// <summary>Performs one effect that is neither a record nor a wake-up.</summary>
    /// <param name="now">The time.</param>
    /// <param name="effect">What to do.</param>
    public delegate void Performer(Instant now, in Effect effect);

    /// <summary>What the machine is stepped with.</summary>
    public Outbox Outbox { get; } = new();

    /// <summary>Appends every record in the outbox.</summary>
    /// <returns>Whether there is any, and so something to be made durable before the rest may be performed.</returns>
    /// <exception cref="JournalException">Nothing can be made durable any more.</exception>
    public bool Append()
    {
        foreach (ref readonly var effect in Outbox.Effects)
        {
            if (effect.Kind != EffectKind.Persist) continue;
            _waits = true;
            journal.Append(effect.Record);
        }

        return _waits;
    }

    /// <summary>Waits until what was appended is durable. Can be asked for again after a <see cref="JournalOutOfSpaceException"/>.</summary>
    /// <exception cref="JournalException">It is not durable: nothing of the outbox may be performed.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await journal.FlushAsync(cancellationToken).ConfigureAwait(false);
        _waits = false;
    }

    /// <summary>Performs the effects in their order, and empties the outbox.</summary>
    /// <param name="now">The time that <paramref name="perform"/> is told.</param>
    /// <param name="perform">Called with each effect that is neither a record nor a wake-up.</param>
    /// <returns>When the machine asked last to be woken; null where it did not ask.</returns>
    /// <exception cref="InvalidOperationException">Something that was appended is not durable.</exception>
    public Instant? Perform(Instant now, Performer perform)
    {
        ArgumentNullException.ThrowIfNull(perform);
        if (_waits) throw new InvalidOperationException("What was appended is not durable: nothing that relies on it may be said.");
        Instant? wakeAt = null;
        foreach (ref readonly var effect in Outbox.Effects)
        {
            switch (effect.Kind)
            {
                case EffectKind.Persist: break; // appended
                case EffectKind.WakeAt: wakeAt = effect.At; break;
                default: perform(now, effect); break;
            }
        }

        Outbox.Clear();
        return wakeAt;
    }
}
