using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>The one place where what a correct replica says is sealed, as its cluster authenticates (rule A-2). One caller at a time.</summary>
/// <remarks>
/// In mode Signatures an envelope is sealed once for all its destinations, and leaves at once. In mode Macs what is no evidence waits until
/// <see cref="Flush()"/>: what has gathered for one receiver leaves in one envelope under one MAC. Each receiver gets everything in the order in which it was said.
/// Where there is no session with a receiver yet, it gets signatures.
/// </remarks>
/// <param name="sealer">Signs.</param>
/// <param name="cluster">Who there is.</param>
/// <param name="sessions">The replica's, in mode Macs; null in mode Signatures.</param>
/// <param name="sink">Where envelopes leave.</param>
public sealed class OutgoingEnvelopes(ReplicaSealer sealer, ClusterSize cluster, SessionKeys? sessions, IEnvelopeSink sink)
{
    // So many clients' packs are kept for the next time; a pack holds what a client is answered at a time.
    private const int IdlePacksMax = 64;

    private readonly OutgoingPack?[] _packs = new OutgoingPack?[cluster.Replicas];
    private readonly Dictionary<(ClientId Client, long Epoch), OutgoingPack> _toClients = []; // one for each program that asked: its session key is its own
    private readonly List<(ClientId Client, long Epoch)> _clients = []; // of _toClients, in the order of their first reply
    private readonly Stack<OutgoingPack> _idle = new();
    private readonly List<Reply> _signedReplies = [];
    private readonly List<ReadReply> _signedReads = [];
    private byte[] _scratch = new byte[256];

    /// <summary>Says what is broadcast or sent to each of <paramref name="to"/>.</summary>
    /// <exception cref="ArgumentException">It is another replica's.</exception>
    public void Send(ReplicaSet to, in Effect effect, string? traceParent = null)
    {
        if (effect.IsVote) Send(to, effect.Vote);
        else Send(to, effect.Message, traceParent);
    }

    /// <summary>Says a PREPARE or a COMMIT to each of <paramref name="to"/>.</summary>
    /// <exception cref="ArgumentException">It is another replica's.</exception>
    public void Send(ReplicaSet to, in Vote vote)
    {
        var strangers = to;
        if (sessions is not null)
        {
            sealer.RequireOwn(vote.Sender);
            var writer = new WireWriter(Scratch(MessageEncoding.ProposalBodyBytes));
            MessageEncoding.WriteProposal(ref writer, vote.View, vote.Sequence, vote.Digest);
            strangers = Gather(to, (MessageKind)vote.Phase, _scratch.AsSpan(0, writer.Position));
        }

        if (strangers.Count > 0) SendSigned(strangers, sealer.Seal(vote), traceParent: null);
    }

    /// <summary>Says a message to each of <paramref name="to"/>.</summary>
    /// <exception cref="ArgumentException">It is another replica's.</exception>
    public void Send(ReplicaSet to, IPeerMessage message, string? traceParent = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        var strangers = to;
        if (sessions is not null && EnvelopeEncoding.IsMaced(message.Kind))
        {
            sealer.RequireOwn(message.Sender);
            var writer = new WireWriter(Scratch(message.BodyBytes));
            message.WriteBody(ref writer);
            var body = _scratch.AsSpan(0, writer.Position);
            strangers = EnvelopeEncoding.IsPacked(message.Kind) ? Gather(to, message.Kind, body) : SendWithPayload(to, message, body);
        }

        if (strangers.Count > 0) SendSigned(strangers, sealer.Seal(message), traceParent);
    }

    /// <summary>Passes an envelope of another on, unchanged, behind what was said before.</summary>
    public void Relay(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent = null)
    {
        Flush(to);
        sink.ToReplica(to, envelope, traceParent);
    }

    /// <summary>Answers clients: under a MAC for each that asked under one, the others all together under one signature.</summary>
    /// <exception cref="ArgumentException">One is another replica's.</exception>
    public void Answer(ReadOnlySpan<Reply> replies, ReadOnlySpan<ReadReply> reads)
    {
        if (sessions is null)
        {
            SendSigned(replies, reads);
            return;
        }

        foreach (var reply in replies)
        {
            sealer.RequireOwn(reply.Sender);
            if (PackFor(reply.Request.Client, reply.KeyEpoch) is not { } pack)
            {
                _signedReplies.Add(reply);
                continue;
            }

            var writer = new WireWriter(Scratch(MessageEncoding.ReplyBodyBytesMin + reply.Results.Length));
            MessageEncoding.WriteReply(ref writer, reply);
            Add(pack, SessionParty.Of(reply.Request.Client), reply.KeyEpoch, MessageKind.Reply, _scratch.AsSpan(0, writer.Position));
        }

        foreach (var read in reads)
        {
            sealer.RequireOwn(read.Sender);
            if (PackFor(read.Client, read.KeyEpoch) is not { } pack)
            {
                _signedReads.Add(read);
                continue;
            }

            var writer = new WireWriter(Scratch(MessageEncoding.ReadReplyBodyBytesMin + read.Results.Length));
            MessageEncoding.WriteReadReply(ref writer, read);
            Add(pack, SessionParty.Of(read.Client), read.KeyEpoch, MessageKind.ReadReply, _scratch.AsSpan(0, writer.Position));
        }

        FlushClients();
        SendSigned(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_signedReplies), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_signedReads));
        _signedReplies.Clear();
        _signedReads.Clear();
    }

    /// <summary>Sends what waits for its MAC: once nothing more is there to share it.</summary>
    public void Flush()
    {
        for (var i = 0; i < _packs.Length; i++) Flush(new ReplicaId(i));
    }

    private void Flush(ReplicaId to)
    {
        if (_packs[to.Index] is not { Count: > 0 } pack) return;
        Flush(pack, SessionParty.Of(to), epoch: 0);
    }

    private void FlushClients()
    {
        foreach (var asker in _clients)
        {
            var pack = _toClients[asker];
            Flush(pack, SessionParty.Of(asker.Client), asker.Epoch);
            if (_idle.Count < IdlePacksMax) _idle.Push(pack);
        }

        _clients.Clear();
        _toClients.Clear();
    }

    private OutgoingPack? PackFor(ClientId client, long epoch)
    {
        if (epoch == 0) return null;
        if (_toClients.TryGetValue((client, epoch), out var known)) return known;
        if (!sessions!.Knows(client, epoch)) return null;
        var pack = _idle.TryPop(out var idle) ? idle : new();
        _toClients.Add((client, epoch), pack);
        _clients.Add((client, epoch));
        return pack;
    }

    private void Add(OutgoingPack pack, in SessionParty to, long epoch, MessageKind kind, ReadOnlySpan<byte> body)
    {
        if (!pack.HasRoom(body.Length)) Flush(pack, to, epoch);
        pack.Add(kind, body);
    }

    private void Flush(OutgoingPack pack, in SessionParty to, long epoch)
    {
        if (pack.Count == 0) return;
        var kind = pack.Count == 1 ? pack.FirstKind : MessageKind.Pack;
        var body = pack.Count == 1 ? pack.FirstBody : pack.Body;
        var envelope = new byte[EnvelopeEncoding.HeaderBytes(kind) + body.Length + EnvelopeEncoding.MacSealBytes];
        var writer = sealer.Start(envelope, kind, body.Length);
        writer.WriteBytes(body);
        if (sessions!.TrySeal(to, epoch, envelope.AsSpan(0, writer.Position), envelope.AsSpan(writer.Position))) Send(to, envelope);
        else SignEach(pack, to);
        pack.Clear();
    }

    /// <summary>The session ended between adding and sealing: each message is signed.</summary>
    private void SignEach(OutgoingPack pack, in SessionParty to)
    {
        foreach (var (kind, body) in pack.Messages) Send(to, sealer.Seal(kind, body.Span));
    }

    /// <summary>Adds a message to what waits for each, and returns those with whom there is no session.</summary>
    private ReplicaSet Gather(ReplicaSet to, MessageKind kind, ReadOnlySpan<byte> body)
    {
        var strangers = ReplicaSet.Empty;
        foreach (var replica in to)
        {
            if (sessions!.Knows(replica)) Add(_packs[replica.Index] ??= new(), SessionParty.Of(replica), epoch: 0, kind, body);
            else strangers = strangers.With(replica);
        }

        return strangers;
    }

    private ReplicaSet SendWithPayload(ReplicaSet to, IPeerMessage message, ReadOnlySpan<byte> body)
    {
        var strangers = ReplicaSet.Empty;
        foreach (var replica in to)
        {
            Flush(replica);
            var payload = message.Payload;
            var envelope = new byte[EnvelopeEncoding.HeaderBytes(message.Kind) + body.Length + EnvelopeEncoding.MacSealBytes + sizeof(uint) + payload.Length];
            var writer = sealer.Start(envelope, message.Kind, body.Length);
            writer.WriteBytes(body);
            var signed = writer.Position;
            if (!sessions!.TrySeal(SessionParty.Of(replica), epoch: 0, envelope.AsSpan(0, signed), envelope.AsSpan(signed, EnvelopeEncoding.MacSealBytes)))
            {
                strangers = strangers.With(replica);
                continue;
            }

            var rest = new WireWriter(envelope.AsSpan(signed + EnvelopeEncoding.MacSealBytes));
            rest.WriteLength(payload.Length);
            rest.WriteBytes(payload.Span);
            sink.ToReplica(replica, envelope, traceParent: null);
        }

        return strangers;
    }

    private void SendSigned(ReplicaSet to, byte[] envelope, string? traceParent)
    {
        foreach (var replica in to)
        {
            Flush(replica);
            sink.ToReplica(replica, envelope, traceParent);
        }
    }

    private void SendSigned(ReadOnlySpan<Reply> replies, ReadOnlySpan<ReadReply> reads)
    {
        var envelopes = sealer.SealReplies(replies, reads);
        for (var i = 0; i < envelopes.Length; i++)
        {
            sink.ToClient(i < replies.Length ? replies[i].Request.Client : reads[i - replies.Length].Client, envelopes[i]);
        }
    }

    private void Send(in SessionParty to, byte[] envelope)
    {
        if (to.IsClient) sink.ToClient(to.Client, envelope);
        else sink.ToReplica(to.Replica, envelope, traceParent: null);
    }

    private Span<byte> Scratch(int bytes)
    {
        if (_scratch.Length < bytes) _scratch = new byte[Math.Max(bytes, 2 * _scratch.Length)];
        return _scratch;
    }
}
