using OrleansPbft.Core;
using OrleansPbft.Faults;
using OrleansPbft.Grains.Network;
using OrleansPbft.Grains.Recording;

namespace OrleansPbft.Grains.Machines;

/// <summary>A fault of one replica while it lasts, for both of its machines and all their threads.</summary>
internal sealed class ActiveFault
{
    private readonly ReplicaId _self;
    private readonly IPeers _peers;
    private readonly Behaviour _behaviour; // gate
    private readonly DelayQueue? _delays;
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<PeerEnvelope> _toPeers = []; // gate
    private readonly List<ClientEnvelope> _toClients = []; // gate

    public ActiveFault(Fault fault, BehaviourContext context, IPeers peers, TimeProvider time)
    {
        Fault = fault;
        _self = context.Self;
        _peers = peers;
        _behaviour = Behaviour.Of(fault, context);
        IsPaused = _behaviour.IsPaused;
        if (_behaviour.Delay > TimeSpan.Zero) _delays = new(_self, _behaviour.Delay, peers, time);
    }

    /// <summary>What is wrong with the replica.</summary>
    public Fault Fault { get; }

    /// <summary>Whether its machines stand still.</summary>
    public bool IsPaused { get; }

    /// <summary>Complete when this is over; what stands still goes on then.</summary>
    public Task Over => _over.Task;

    /// <summary>How often it did what a correct replica does not.</summary>
    public long Acts
    {
        get
        {
            lock (_gate) return _behaviour.Acts;
        }
    }

    /// <summary>An envelope came in; false when the replica does not get it.</summary>
    public bool Receives(in Envelope envelope)
    {
        if (envelope.Origin == _self.Index) return true; // from its own other machine: that is no message
        if (IsPaused) return false;
        lock (_gate) _behaviour.OnReceived(envelope.Bytes);
        return true;
    }

    /// <summary>Whether a machine gets to see an input.</summary>
    public bool Takes(in Input input)
    {
        lock (_gate) return _behaviour.Takes(input);
    }

    /// <summary>Sends what leaves in place of a message.</summary>
    public void Send(ReplicaSet to, in Effect effect, string? traceParent)
    {
        lock (_gate)
        {
            _behaviour.Send(to, effect, _toPeers);
            SendToPeers(traceParent);
        }
    }

    /// <summary>Sends what leaves in place of an envelope passed on.</summary>
    public void Relay(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent)
    {
        lock (_gate)
        {
            _behaviour.Relay(to, envelope, _toPeers);
            SendToPeers(traceParent);
        }
    }

    /// <summary>Sends what leaves in place of replies, and tells what became of those to requests.</summary>
    public ReplyFate Reply(ReadOnlySpan<Reply> replies, ReadOnlySpan<ReadReply> reads)
    {
        lock (_gate)
        {
            var acts = _behaviour.Acts;
            _behaviour.Reply(replies, _toClients);
            var fate = _toClients.Count == 0 ? ReplyFate.Withheld : _behaviour.Acts > acts ? ReplyFate.Altered : ReplyFate.Sent;
            _behaviour.Reply(reads, _toClients);
            foreach (var (client, bytes) in _toClients)
            {
                if (_delays is null) _peers.Reply(_self, client, new(bytes, _self.Index));
                else _delays.TryAdd(client, new(bytes, _self.Index));
            }

            _toClients.Clear();
            return fate;
        }
    }

    /// <summary>Ends it. What was held back leaves at once where the replica is healed; under another fault it is lost.</summary>
    public void End(bool isHealed)
    {
        _delays?.Close(isHealed);
        _over.TrySetResult();
    }

    private void SendToPeers(string? traceParent)
    {
        foreach (var (to, bytes) in _toPeers)
        {
            var envelope = new Envelope(bytes, _self.Index, traceParent);
            if (_delays is null || to == _self) _peers.Send(_self, to, envelope);
            else _delays.TryAdd(to, envelope);
        }

        _toPeers.Clear();
    }
}
