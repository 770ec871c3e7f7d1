using OrleansPbft.Core;
using OrleansPbft.Grains.Network;

namespace OrleansPbft.Grains.Machines;

/// <summary>Holds back what a slow replica sends, all for the same time, so that the order stays. Bounded: what finds no room is lost. Thread-safe.</summary>
internal sealed class DelayQueue
{
    /// <summary>How many envelopes may wait.</summary>
    public const int CountMax = 65_536;

    /// <summary>How many bytes of them may wait.</summary>
    public const long BytesMax = 64 << 20;

    private readonly ReplicaId _self;
    private readonly TimeSpan _delay;
    private readonly IPeers _peers;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Queue<Held> _held = []; // gate
    private long _bytes; // gate
    private bool _armed; // gate
    private bool _closed; // gate

    public DelayQueue(ReplicaId self, TimeSpan delay, IPeers peers, TimeProvider time)
    {
        _self = self;
        _delay = delay;
        _peers = peers;
        _time = time;
        _timer = time.CreateTimer(static queue => ((DelayQueue)queue!).SendDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes an envelope for a peer; false when there is no room.</summary>
    public bool TryAdd(ReplicaId to, in Envelope envelope) => TryAdd(new(_time.GetTimestamp(), to, null, envelope));

    /// <summary>Takes an envelope for a client; false when there is no room.</summary>
    public bool TryAdd(ClientId to, in Envelope envelope) => TryAdd(new(_time.GetTimestamp(), default, to, envelope));

    /// <summary>Takes nothing more; what waits leaves at once, in order, or is lost.</summary>
    public void Close(bool sendRest)
    {
        lock (_gate)
        {
            _closed = true;
            _timer.Dispose();
            while (_held.TryDequeue(out var held))
            {
                if (sendRest) Send(held);
            }
        }
    }

    private bool TryAdd(in Held held)
    {
        lock (_gate)
        {
            if (_closed || _held.Count >= CountMax || _bytes + held.Envelope.Bytes.Length > BytesMax) return false;
            _bytes += held.Envelope.Bytes.Length;
            _held.Enqueue(held);
            if (!_armed) Arm(_delay);
            return true;
        }
    }

    private void SendDue()
    {
        // Sent under the lock: sending never waits, and the order is what this is for.
        lock (_gate)
        {
            _armed = false;
            while (_held.TryPeek(out var held))
            {
                var rest = _delay - _time.GetElapsedTime(held.Since);
                if (rest > TimeSpan.Zero)
                {
                    Arm(rest);
                    return;
                }

                _held.Dequeue();
                _bytes -= held.Envelope.Bytes.Length;
                Send(held);
            }
        }
    }

    private void Send(in Held held)
    {
        if (held.Client is { } client) _peers.Reply(_self, client, held.Envelope);
        else _peers.Send(_self, held.To, held.Envelope);
    }

    private void Arm(TimeSpan after)
    {
        _armed = true;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(after.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private readonly record struct Held(long Since, ReplicaId To, ClientId? Client, Envelope Envelope);
}
