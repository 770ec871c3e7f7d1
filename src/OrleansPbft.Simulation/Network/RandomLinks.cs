using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Network;

/// <summary>Delays, drops, duplicates, reorders and damages messages as the seed draws it, each link at its own pace; cuts partitions off.</summary>
internal sealed class RandomLinks : ILinks
{
    private readonly Prng _random;
    private readonly SimulationReport _report;
    private readonly int _addresses;
    private readonly int[] _pacePercent; // of each link
    private readonly List<Happening> _happening = [];
    private NetworkConditions _conditions;

    public RandomLinks(Prng random, NetworkConditions conditions, int addresses, SimulationReport report)
    {
        _random = random;
        _conditions = conditions;
        _addresses = addresses;
        _report = report;
        _pacePercent = new int[addresses * addresses];
        for (var i = 0; i < _pacePercent.Length; i++) _pacePercent[i] = random.Between(50, 150);
    }

    /// <summary>From here on the partition or the bad link is in force, together with all others that are.</summary>
    public void Begin(Happening happening) => _happening.Add(happening);

    /// <summary>It is over.</summary>
    public void End(Happening happening) => _happening.Remove(happening);

    /// <summary>The network is well from here on.</summary>
    public void Heal()
    {
        _conditions = NetworkConditions.Good;
        _happening.Clear();
    }

    public void Decide(int from, int to, ReadOnlyMemory<byte> envelope, List<Delivery> deliveries)
    {
        if (!Passes(from, to, envelope, out var late)) return;

        if (_random.Chance(_conditions.DropPerMille))
        {
            _report.Count(Mark.MessagesDropped);
            return;
        }

        var copies = _random.Chance(_conditions.DuplicatePerMille) ? 2 : 1;
        for (var i = 0; i < copies; i++) deliveries.Add(new(late + Delay(from, to), Damage(envelope)));
    }

    private bool Passes(int from, int to, ReadOnlyMemory<byte> envelope, out TimeSpan late)
    {
        late = TimeSpan.Zero;
        foreach (var happening in _happening)
        {
            switch (happening)
            {
                case Partition partition when Contains(partition.CutOff, from) != Contains(partition.CutOff, to):
                    _report.Count(Mark.MessagesCut);
                    return false;
                case BadLink link when link.From == from && link.To == to && (link.Kind is not { } kind || (envelope.Length > 1 && envelope.Span[1] == (byte)kind)):
                    if (link.Delay is not { } delay)
                    {
                        _report.Count(Mark.MessagesCutOneWay);
                        return false;
                    }

                    _report.Count(Mark.MessagesHeldBack);
                    late += delay;
                    break;
            }
        }

        return true;
    }

    private static bool Contains(ReplicaSet replicas, int address) => address < ClusterSize.ReplicasMax && replicas.Contains(new(address));

    private TimeSpan Delay(int from, int to)
    {
        if (_random.Chance(_conditions.TailPerMille)) return _random.Between(_conditions.DelayMax, _conditions.TailMax);
        var delay = _random.Between(_conditions.DelayMin, _conditions.DelayMax);
        return TimeSpan.FromMicroseconds((long)delay.TotalMicroseconds * _pacePercent[(from * _addresses) + to] / 100);
    }

    private ReadOnlyMemory<byte> Damage(ReadOnlyMemory<byte> envelope)
    {
        if (envelope.IsEmpty || !_random.Chance(_conditions.CorruptPerMille)) return envelope;
        _report.Count(Mark.MessagesCorrupted);
        var damaged = envelope.ToArray();
        damaged[_random.Between(0, damaged.Length - 1)] ^= (byte)(1 << _random.Between(0, 7));
        return damaged;
    }
}
