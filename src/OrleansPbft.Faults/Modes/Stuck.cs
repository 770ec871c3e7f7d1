using OrleansPbft.Core;

namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Stuck"/>: whatever it is asked, it says what it said first.</summary>
internal sealed class Stuck(BehaviourContext context) : Behaviour(context)
{
    private static readonly object OfRelays = new();

    private readonly Dictionary<object, ReadOnlyMemory<byte>> _first = []; // by kind of message, so no more than there are kinds
    private Reply? _answer;
    private ReadReply? _read;

    protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
    {
        object kind = effect.IsVote ? effect.Vote.Phase : effect.Message.GetType();
        if (_first.TryGetValue(kind, out var first)) Act();
        else _first.Add(kind, first = Context.Seals.Seal(effect));
        foreach (var peer in to) Post(peer, first, envelopes);
    }

    protected override void DistortRelay(ReplicaId to, ReadOnlyMemory<byte> envelope, ICollection<PeerEnvelope> envelopes)
    {
        if (_first.TryGetValue(OfRelays, out var first)) Act();
        else _first.Add(OfRelays, first = envelope);
        Post(to, first, envelopes);
    }

    protected override Reply? Distort(Reply reply)
    {
        if (_answer is not { } answer)
        {
            if (reply.Status == ReplyStatus.Executed) _answer = reply;
            return reply;
        }

        Act();
        return new(answer.View, reply.Request, reply.Session, answer.Sequence, answer.Status, answer.Results, reply.Sender);
    }

    protected override ReadReply? Distort(ReadReply reply)
    {
        if (_read is not { } answer)
        {
            if (reply.Status == ReadStatus.Answered) _read = reply;
            return reply;
        }

        Act();
        return reply.At(answer.Executed, answer.Prepared).With(answer.Results);
    }
}
