namespace OrleansPbft.Simulation.Network;

/// <summary>Delays, drops, duplicates, reorders and damages messages as the seed draws it, each link at its own pace; cuts partitions off.</summary>
internal sealed class RandomLinks : ILinks
{
    private readonly Prng _random;
    private readonly SimulationReport _report;
    private readonly int _addresses;
    private readonly int[] _pacePercent; // of each link
    private readonly bool[] _isCutOff; // by address
    private NetworkConditions _conditions;

    public RandomLinks(Prng random, NetworkConditions conditions, int addresses, SimulationReport report)
    {
        _random = random;
        _conditions = conditions;
        _addresses = addresses;
        _report = report;
        _isCutOff = new bool[addresses];
        _pacePercent = new int[addresses * addresses];
        for (var i = 0; i < _pacePercent.Length; i++) _pacePercent[i] = random.Between(50, 150);
    }

    /// <summary>Cuts these off from the rest; among themselves they are connected.</summary>
    public void CutOff(IEnumerable<int> addresses)
    {
        Array.Clear(_isCutOff);
        foreach (var address in addresses) _isCutOff[address] = true;
    }

    /// <summary>Ends a partition.</summary>
    public void Reconnect() => Array.Clear(_isCutOff);

    /// <summary>The network is well from here on.</summary>
    public void Heal()
    {
        _conditions = NetworkConditions.Good;
        Reconnect();
    }

    public void Decide(int from, int to, ReadOnlyMemory<byte> envelope, List<Delivery> deliveries)
    {
        if (_isCutOff[from] != _isCutOff[to])
        {
            _report.Count(Mark.MessagesCut);
            return;
        }

        if (_random.Chance(_conditions.DropPerMille))
        {
            _report.Count(Mark.MessagesDropped);
            return;
        }

        var copies = _random.Chance(_conditions.DuplicatePerMille) ? 2 : 1;
        for (var i = 0; i < copies; i++) deliveries.Add(new(Delay(from, to), Damage(envelope)));
    }

    private TimeSpan Delay(int from, int to)
    {
        if (_random.Chance(_conditions.TailPerMille)) return _random.Between(_conditions.DelayMax, _conditions.TailMax);
        var delay = _random.Between(_conditions.DelayMin, _conditions.DelayMax);
        return TimeSpan.FromMicroseconds((long)delay.TotalMicroseconds * _pacePercent[(from * _addresses) + to] / 100);
    }

    private ReadOnlyMemory<byte> Damage(ReadOnlyMemory<byte> envelope)
    {
        if (!_random.Chance(_conditions.CorruptPerMille)) return envelope;
        _report.Count(Mark.MessagesCorrupted);
        var damaged = envelope.ToArray();
        damaged[_random.Between(0, damaged.Length - 1)] ^= (byte)(1 << _random.Between(0, 7));
        return damaged;
    }
}
