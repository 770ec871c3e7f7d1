using System.Runtime.InteropServices;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains.Network;
using OrleansPbft.Grains.Recording;
using OrleansPbft.Grains.Telemetry;

namespace OrleansPbft.Grains.Machines;

/// <summary>From effects to sealed envelopes on their way, off the grain's turns, in order.</summary>
/// <remarks>What is taken at a time is sealed together: under one MAC for each receiver where the cluster has MACs, its replies else under one
/// signature. Replies leave after the rest: a vote moves the whole cluster, a reply one client.</remarks>
internal sealed class OutboundPipeline : IThreadPoolWorkItem
{
    // More than so many effects waiting to be sealed hold up the machine.
    private const int WaitingMax = 8192;

    private readonly ReplicaId _self;
    private readonly ClusterSize _cluster;
    private readonly OutgoingEnvelopes _envelopes;
    private readonly PhaseRecorder? _phases;
    private readonly FaultSwitch? _faults;
    private readonly ReplicaRecorder? _recorder;
    private readonly HostClock _clock;
    private readonly Action<Exception> _onBroken;
    private readonly Lock _gate = new();
    private readonly List<Outgoing> _added = []; // of the machine's loop
    private readonly List<Reply> _replies = []; // of the one thread that runs Execute, as the next, and the next but one of those
    private readonly List<ReadReply> _readReplies = [];
    private List<Outgoing> _waiting = []; // gate
    private List<Outgoing> _sealing = [];
    private ActiveFault? _fault; // what is wrong with the replica while what was taken is sent
    private TaskCompletionSource? _room; // gate
    private bool _scheduled; // gate

    /// <summary>Makes a pipeline of one machine.</summary>
    /// <param name="voice">Whose it is, and what it seals with.</param>
    /// <param name="cluster">Who there is to send to.</param>
    /// <param name="peers">Where envelopes leave.</param>
    /// <param name="phases">Told of replies; null for nobody.</param>
    /// <param name="faults">Where the replica is made faulty; null where it can not be.</param>
    /// <param name="recorder">Told what is sent; null for nobody.</param>
    /// <param name="clock">Says when.</param>
    /// <param name="onBroken">Told when this pipeline's own code failed; it sends nothing more then.</param>
    public OutboundPipeline(
        ReplicaVoice voice, ClusterSize cluster, IPeers peers, PhaseRecorder? phases, FaultSwitch? faults, ReplicaRecorder? recorder, HostClock clock,
        Action<Exception> onBroken)
    {
        _self = voice.Replica;
        _cluster = cluster;
        _envelopes = new(voice.Sealer, cluster, voice.Sessions, new PeerSink(_self, peers));
        _phases = phases;
        _faults = faults;
        _recorder = recorder;
        _clock = clock;
        _onBroken = onBroken;
    }

    /// <summary>How many effects wait to be sealed.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>Adds an effect; <see cref="FlushAsync"/> sends it and those before it on their way, and not earlier. One caller at a time.</summary>
    public void Add(in Effect effect, string? traceParent = null) => _added.Add(new(effect, traceParent));

    /// <summary>Starts on what was added. The task is complete when there is room for more.</summary>
    public ValueTask FlushAsync()
    {
        ValueTask room = default;
        lock (_gate)
        {
            _waiting.AddRange(_added);
            _added.Clear();
            if (_waiting.Count > WaitingMax)
            {
                _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                room = new(_room.Task);
            }

            if (_scheduled || _waiting.Count == 0) return room;
            _scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return room;
    }

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            if (!TryTake()) return;
            _fault = _faults?.Current;
            var now = _recorder is null ? default : _clock.Now; // before anything can arrive
            foreach (ref readonly var outgoing in CollectionsMarshal.AsSpan(_sealing))
            {
                _recorder?.OnSent(outgoing.Effect, now);
                Send(outgoing);
            }

            _envelopes.Flush();
            SendReplies();
            _sealing.Clear();
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false); // lets others on the thread, then sees what came meanwhile
        }
        catch (Exception failure)
        {
            _onBroken(failure); // a seal that fails is this replica's own trouble, not the process's
        }
    }

    private bool TryTake()
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _scheduled = false;
                return false;
            }

            (_waiting, _sealing) = (_sealing, _waiting);
            room = _room;
            _room = null;
        }

        room?.SetResult();
        return true;
    }

    private void Send(in Outgoing outgoing)
    {
        ref readonly var effect = ref outgoing.Effect;
        switch (effect.Kind)
        {
            case EffectKind.Broadcast when _fault is not null:
                _fault.Send(DestinationsOf(effect), effect, outgoing.TraceParent);
                break;

            case EffectKind.Broadcast:
                _envelopes.Send(DestinationsOf(effect), effect, outgoing.TraceParent);
                break;

            case EffectKind.Send when _fault is not null:
                _fault.Send(ReplicaSet.Empty.With(effect.To), effect, traceParent: null);
                break;

            case EffectKind.Send:
                _envelopes.Send(ReplicaSet.Empty.With(effect.To), effect);
                break;

            case EffectKind.Relay when _fault is not null:
                _fault.Relay(effect.To, effect.Envelope, outgoing.TraceParent);
                break;

            case EffectKind.Relay:
                _envelopes.Relay(effect.To, effect.Envelope, outgoing.TraceParent);
                break;

            case EffectKind.Reply:
                _replies.Add(effect.ReplyMessage);
                break;

            case EffectKind.AnswerRead:
                _readReplies.Add(effect.ReadReplyMessage);
                break;
        }
    }

    private ReplicaSet DestinationsOf(in Effect effect)
    {
        var toSelf = !effect.IsVote && effect.Message is PrePrepare; // the leader's proposal is for its own replica too
        return toSelf ? _cluster.All : _cluster.All.Without(_self);
    }

    private void SendReplies()
    {
        if (_replies.Count + _readReplies.Count == 0) return;
        var replies = CollectionsMarshal.AsSpan(_replies);
        var fate = ReplyFate.Sent;
        var now = _recorder is null ? default : _clock.Now;
        if (_fault is not null)
        {
            fate = _fault.Reply(replies, CollectionsMarshal.AsSpan(_readReplies));
        }
        else
        {
            _envelopes.Answer(replies, CollectionsMarshal.AsSpan(_readReplies));
        }

        _phases?.OnReplied(replies);
        _recorder?.OnReplied(replies, fate, now);
        _replies.Clear();
        _readReplies.Clear();
    }

    private readonly struct Outgoing(in Effect effect, string? traceParent)
    {
        public readonly Effect Effect = effect;

        public string? TraceParent { get; } = traceParent;
    }
}
