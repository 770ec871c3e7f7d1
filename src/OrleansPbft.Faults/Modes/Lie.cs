using OrleansPbft.Core;

namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Lie"/>: to each peer its own lie, or the truth, or both; to each client its own result.</summary>
internal sealed class Lie(BehaviourContext context) : Behaviour(context)
{
    private const int ResultVariants = 255;

    protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
    {
        if (!effect.IsVote && effect.Message is not Checkpoint)
        {
            base.Distort(to, effect, envelopes);
            return;
        }

        var sequence = effect.IsVote ? effect.Vote.Sequence : ((Checkpoint)effect.Message).Sequence;
        byte[]? truth = null;
        foreach (var peer in to)
        {
            // Who is lied to changes from number to number: no quorum is a liar's friend for ever.
            var side = (DistanceTo(peer) + sequence.Value) % 3;
            if (side != 0) Post(peer, truth ??= Context.Seals.Seal(effect), envelopes);
            if (side == 1) continue;
            Act();
            Post(peer, SealLie(effect, peer), envelopes);
        }
    }

    protected override Reply? Distort(Reply reply)
    {
        Act();
        var variant = (int)((ulong)reply.Request.Client.Value % ResultVariants);
        return reply.Status == ReplyStatus.SessionOpened
            ? new(reply.View, reply.Request, new(reply.Session.Value + 1 + variant), reply.Sequence, reply.Status, reply.Results, reply.Sender)
            : reply.With(Falsehood.Of(reply.Results, variant));
    }

    protected override ReadReply? Distort(ReadReply reply)
    {
        Act();
        var variant = (int)((ulong)reply.Client.Value % ResultVariants);
        return reply.At(reply.Executed.Plus(variant), SequenceNumber.Zero).With(Falsehood.Of(reply.Results, variant));
    }

    private byte[] SealLie(in Effect effect, ReplicaId peer)
    {
        if (effect.IsVote) return Context.Seals.Seal(effect.Vote with { Digest = Falsehood.Of(effect.Vote.Digest, peer.Index) });
        var checkpoint = (Checkpoint)effect.Message;
        return Context.Seals.Seal(checkpoint with { Digest = Falsehood.Of(checkpoint.Digest, peer.Index) });
    }
}
