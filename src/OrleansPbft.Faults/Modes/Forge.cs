using OrleansPbft.Core;

namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Forge"/>: votes for what nobody proposed and results that nobody computed, in the names of others.</summary>
internal sealed class Forge(BehaviourContext context) : Behaviour(context)
{
    protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
    {
        base.Distort(to, effect, envelopes);
        if (!effect.IsVote || Context.Cluster.Replicas == 1) return;
        foreach (var peer in to)
        {
            if (!Context.Random.Chance(SomePerMille)) continue;
            Act();
            Post(peer, Context.Seals.Forge(effect.Vote with { Sender = Victim(), Digest = Falsehood.Of(effect.Vote.Digest) }), envelopes);
        }
    }

    protected override void AddReplies(ReadOnlySpan<Reply> told, ICollection<ClientEnvelope> envelopes)
    {
        if (Context.Cluster.Replicas == 1) return;
        foreach (var reply in told)
        {
            Act();
            var forged = new Reply(reply.View, reply.Request, reply.Session, reply.Sequence, reply.Status, Falsehood.Of(reply.Results), Victim());
            envelopes.Add(new(reply.Request.Client, Context.Seals.Forge(forged)));
        }
    }

    private ReplicaId Victim() => new((Context.Self.Index + Context.Random.Between(1, Context.Cluster.Replicas - 1)) % Context.Cluster.Replicas);
}
