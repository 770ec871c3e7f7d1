using OrleansPbft.Core;

namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Wrong"/>: invalid and incorrect results, and state digests to match.</summary>
internal sealed class Wrong(BehaviourContext context) : Behaviour(context)
{
    private static readonly byte[] Nonsense = [.. Enumerable.Repeat((byte)0xFF, 16)]; // more results than there are bytes

    protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
    {
        if (effect.IsVote || effect.Message is not Checkpoint checkpoint)
        {
            base.Distort(to, effect, envelopes);
            return;
        }

        Act();
        var wrong = Context.Seals.Seal(checkpoint with { Digest = Falsehood.Of(checkpoint.Digest) });
        foreach (var peer in to) Post(peer, wrong, envelopes);
    }

    protected override Reply? Distort(Reply reply)
    {
        Act();
        return Context.Random.Between(0, 4) switch
        {
            0 => new(reply.View, reply.Request, reply.Session, reply.Sequence.Plus(1), reply.Status, reply.Results, reply.Sender),
            1 => new(reply.View, reply.Request, reply.Session, reply.Sequence, ReplyStatus.SessionUnknown, default, reply.Sender),
            2 => new(new(reply.View.Number + 1), reply.Request, new(reply.Session.Value + 1), reply.Sequence, reply.Status, reply.Results, reply.Sender),
            3 => reply.With(Nonsense),
            _ => reply.With(Falsehood.Of(reply.Results)),
        };
    }

    protected override ReadReply? Distort(ReadReply reply)
    {
        Act();
        return Context.Random.Between(0, 4) switch
        {
            0 => reply.At(reply.Executed.Plus(1), reply.Prepared.Plus(1)), // what it has not executed yet, it says
            1 => reply.At(new(WireLimits.NumberMax), new(WireLimits.NumberMax)),
            2 => reply.At(reply.Executed, SequenceNumber.Zero),
            3 => reply.With(Nonsense),
            _ => reply.With(Falsehood.Of(reply.Results)),
        };
    }
}
