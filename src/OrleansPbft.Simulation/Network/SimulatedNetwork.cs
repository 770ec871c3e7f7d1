using OrleansPbft.Core;
using OrleansPbft.Simulation.Cluster;

namespace OrleansPbft.Simulation.Network;

/// <summary>Carries envelopes between addresses: replicas are 0 .. n - 1, clients follow. What a node sends itself is never lost.</summary>
internal sealed class SimulatedNetwork(VirtualTime time, ILinks links, int addresses, Observer observer, SimulationReport report)
{
    private readonly Action<int, ReadOnlyMemory<byte>>?[] _receivers = new Action<int, ReadOnlyMemory<byte>>?[addresses];
    private readonly long[] _lastArrived = new long[addresses * addresses];
    private readonly List<Delivery> _deliveries = [];
    private long _sent;
    private ulong _trace = 0xCBF29CE484222325;

    /// <summary>How long what a node sends itself takes.</summary>
    public static TimeSpan ToSelf { get; } = TimeSpan.FromMicroseconds(10);

    /// <summary>A hash of all deliveries so far: when, from whom, to whom, what kind, how long.</summary>
    public ulong TraceHash => _trace;

    public void Attach(int address, Action<int, ReadOnlyMemory<byte>> receive) => _receivers[address] = receive;

    public void Send(int from, int to, ReadOnlyMemory<byte> envelope)
    {
        var number = ++_sent;
        _deliveries.Clear();
        if (from == to) _deliveries.Add(new(ToSelf, envelope));
        else links.Decide(from, to, envelope, _deliveries);

        if (_deliveries.Count == 0 && envelope.Length > 1) observer.OnLost(from, to, (MessageKind)envelope.Span[1]);
        if (_deliveries.Count > 1) report.Count(Mark.MessagesDuplicated);
        foreach (var delivery in _deliveries)
        {
            var arriving = delivery.Envelope;
            time.After(delivery.After, () => Deliver(number, from, to, arriving));
        }
    }

    private void Deliver(long number, int from, int to, ReadOnlyMemory<byte> envelope)
    {
        report.Count(Mark.MessagesDelivered);
        ref var last = ref _lastArrived[(from * addresses) + to];
        if (number < last) report.Count(Mark.MessagesReordered);
        else last = number;

        // Neither digests nor signatures go in: with real keys, signatures differ from run to run and with them batches' digests.
        Mix((ulong)time.Now.Microseconds);
        Mix(((ulong)from << 48) | ((ulong)to << 40) | ((ulong)(envelope.Length > 1 ? envelope.Span[1] : 0) << 32) | (uint)envelope.Length);
        _receivers[to]?.Invoke(from, envelope);
    }

    private void Mix(ulong value)
    {
        _trace = (_trace ^ value) * 0x100000001B3;
        _trace ^= _trace >> 29;
    }
}
