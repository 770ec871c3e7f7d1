using System.Collections.Immutable;
using OrleansPbft.Core;
using OrleansPbft.Grains.Telemetry;

namespace OrleansPbft.Grains.Machines;

/// <summary>Counts envelopes dropped before the protocol saw them, by reason (rule A-4). Thread-safe.</summary>
internal sealed class RejectCounter(PbftInstruments instruments, int replica)
{
    private static readonly string[] RejectNames = Enum.GetNames<RejectReason>();
    private static readonly string[] DropNames = Enum.GetNames<DropReason>();

    private readonly long[] _rejects = new long[RejectNames.Length];
    private readonly long[] _drops = new long[DropNames.Length];

    public long Total
    {
        get
        {
            long total = 0;
            for (var i = 0; i < _rejects.Length; i++) total += Interlocked.Read(ref _rejects[i]);
            for (var i = 0; i < _drops.Length; i++) total += Interlocked.Read(ref _drops[i]);
            return total;
        }
    }

    public void Count(RejectReason reason)
    {
        Interlocked.Increment(ref _rejects[(int)reason]);
        instruments.OnRejected(replica, RejectNames[(int)reason]);
    }

    public void Count(DropReason reason)
    {
        Interlocked.Increment(ref _drops[(int)reason]);
        instruments.OnRejected(replica, DropNames[(int)reason]);
    }

    public ImmutableDictionary<string, long> ByReason()
    {
        var counts = ImmutableDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        for (var i = 0; i < _rejects.Length; i++) Add(RejectNames[i], Interlocked.Read(ref _rejects[i]));
        for (var i = 0; i < _drops.Length; i++) Add(DropNames[i], Interlocked.Read(ref _drops[i]));
        return counts.ToImmutable();

        void Add(string reason, long count)
        {
            if (count > 0) counts.Add(reason, count);
        }
    }
}
