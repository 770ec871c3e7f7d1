using OrleansPbft.Core;
using OrleansPbft.Faults;
using OrleansPbft.Grains.Network;

namespace OrleansPbft.Grains.Machines;

/// <summary>Where a replica is made faulty and healed while it runs (DESIGN 13). Its machines look here at each drain. Thread-safe.</summary>
/// <param name="replica">Whose it is.</param>
/// <param name="options">n, and the time-out that a slow replica stays below.</param>
/// <param name="seals">Its own key.</param>
/// <param name="peers">Where its messages leave.</param>
/// <param name="time">The clock of what is held back.</param>
internal sealed class FaultSwitch(ReplicaId replica, ProtocolOptions options, ISeals seals, IPeers peers, TimeProvider time)
{
    private readonly Lock _gate = new();
    private volatile ActiveFault? _current;

    /// <summary>The fault it has; null while it is correct.</summary>
    public ActiveFault? Current => _current;

    /// <summary>Gives it a fault in place of the one it has; null heals it. The same one again begins anew.</summary>
    public void Set(Fault? fault)
    {
        lock (_gate)
        {
            var before = _current;
            _current = fault is null ? null : new(fault, Context(), peers, time);
            before?.End(isHealed: fault is null);
        }
    }

    // Seeded by the replica: a lesson given twice goes alike twice, as far as its messages do.
    private BehaviourContext Context() =>
        new(replica, options.Cluster, seals, new Prng((ulong)replica.Index)) { Timeout = options.RequestTimeout };
}
