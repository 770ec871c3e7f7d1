using System.Collections.Immutable;
using OrleansPbft.Core;

namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Lie"/>: to each peer its own lie, or the truth, or both; to each client its own result.</summary>
internal sealed class Lie(BehaviourContext context) : Behaviour(context)
{
    private const int ResultVariants = 255;

    protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
    {
        if (NumberOf(effect) is not { } number)
        {
            base.Distort(to, effect, envelopes);
            return;
        }

        byte[]? truth = null;
        foreach (var peer in to)
        {
            // Who is lied to changes from number to number: no quorum is a liar's friend for ever.
            var side = (DistanceTo(peer) + number) % 3;
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

    /// <summary>What a message is about, when it is one to lie in: the sequence number or the view.</summary>
    private static long? NumberOf(in Effect effect)
    {
        if (effect.IsVote) return effect.Vote.Sequence.Value;
        return effect.Message switch
        {
            Checkpoint checkpoint => checkpoint.Sequence.Value,
            ViewChange viewChange => viewChange.View.Number,
            _ => null,
        };
    }

    private byte[] SealLie(in Effect effect, ReplicaId peer)
    {
        if (effect.IsVote) return Context.Seals.Seal(effect.Vote with { Digest = Falsehood.Of(effect.Vote.Digest, peer.Index) });
        return effect.Message is Checkpoint checkpoint
            ? Context.Seals.Seal(checkpoint with { Digest = Falsehood.Of(checkpoint.Digest, peer.Index) })
            : Context.Seals.Seal(Twist((ViewChange)effect.Message, peer));
    }

    /// <summary>The same VIEW-CHANGE with a false log: to every second peer it never prepared anything, to the others something else.</summary>
    private ViewChange Twist(ViewChange truth, ReplicaId peer)
    {
        var forgets = DistanceTo(peer) % 2 == 0;
        return new(
            truth.View,
            truth.StableCheckpoint,
            truth.Checkpoints,
            forgets ? [] : Twist(truth.Prepared, peer),
            forgets ? [] : Twist(truth.PrePrepared, peer),
            truth.Sender);
    }

    private static ImmutableArray<LogEntry> Twist(ImmutableArray<LogEntry> truth, ReplicaId peer) =>
    [
        .. truth.Select(entry => entry with { Digest = Falsehood.Of(entry.Digest, peer.Index) })
            .OrderBy(static entry => entry.Sequence).ThenBy(static entry => entry.Digest), // as they must be on the wire
    ];
}
