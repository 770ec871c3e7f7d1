using OrleansPbft.Core;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>Makes of a kind of fault what a replica with it does: the library's behaviour where it has one, else one of the simulator's own.</summary>
internal static class Misbehaviour
{
    private const double DropRate = 0.3;

    public static Behaviour Of(FaultKind kind, ReplicaId self, ClusterSize cluster, SimulatedWire wire, Prng random, SimulationReport report)
    {
        var mark = MarkOf(kind);
        var context = new BehaviourContext(self, cluster, new WireSeals(wire, self), random) { OnActed = () => report.Count(mark) };
        return kind switch
        {
            FaultKind.WrongVotes => new WrongVotes(context),
            FaultKind.WrongCheckpoints => new WrongCheckpoints(context),
            FaultKind.ProposeAsBackup => new ProposeAsBackup(context),
            FaultKind.WrongNewViews => new WrongNewViews(context),
            FaultKind.SpoilRequests => new SpoilRequests(context),
            FaultKind.Censor => Behaviour.Of(Fault.Censor(wire.ClientOf(0)), context),
            FaultKind.Drop => Behaviour.Of(Fault.Drop(DropRate), context),
            _ => Behaviour.Of(Fault.Of(Enum.Parse<FaultMode>(kind.ToString())), context),
        };
    }

    private static Mark MarkOf(FaultKind kind) => kind switch
    {
        FaultKind.Silent => Mark.ActedSilent,
        FaultKind.WrongVotes => Mark.ActedWrongVotes,
        FaultKind.WrongCheckpoints => Mark.ActedWrongCheckpoints,
        FaultKind.WrongNewViews => Mark.ActedWrongNewViews,
        FaultKind.Wrong => Mark.ActedWrong,
        FaultKind.Lie => Mark.ActedLie,
        FaultKind.Stuck => Mark.ActedStuck,
        FaultKind.Censor => Mark.ActedCensor,
        FaultKind.Drop => Mark.ActedDrop,
        FaultKind.Replay => Mark.ActedReplay,
        FaultKind.ProposeAsBackup => Mark.ActedProposeAsBackup,
        FaultKind.Forge => Mark.ActedForge,
        FaultKind.Corrupt => Mark.ActedCorrupt,
        FaultKind.Equivocate => Mark.ActedEquivocate,
        FaultKind.Slow => Mark.ActedSlow,
        FaultKind.SpoilRequests => Mark.ActedSpoilRequests,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "It is nothing that a replica does to what it sends."),
    };

    /// <summary>It votes for digests that nobody proposed.</summary>
    private sealed class WrongVotes(BehaviourContext context) : Behaviour(context)
    {
        protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
        {
            if (!effect.IsVote)
            {
                base.Distort(to, effect, envelopes);
                return;
            }

            Act();
            var wrong = Context.Seals.Seal(effect.Vote with { Digest = Falsehood.Of(effect.Vote.Digest) });
            foreach (var peer in to) Post(peer, wrong, envelopes);
        }
    }

    /// <summary>It gives its state a wrong digest, and to some the right one too.</summary>
    private sealed class WrongCheckpoints(BehaviourContext context) : Behaviour(context)
    {
        protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
        {
            if (effect.IsVote || effect.Message is not Checkpoint checkpoint)
            {
                base.Distort(to, effect, envelopes);
                return;
            }

            foreach (var peer in to)
            {
                Act();
                Post(peer, Context.Seals.Seal(checkpoint with { Digest = Falsehood.Of(checkpoint.Digest) }), envelopes);
                if (Context.Random.Chance(SomePerMille)) Post(peer, Context.Seals.Seal(checkpoint), envelopes);
            }
        }
    }

    /// <summary>It chooses one more digest than its VIEW-CHANGEs decide, or one less.</summary>
    private sealed class WrongNewViews(BehaviourContext context) : Behaviour(context)
    {
        protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
        {
            if (effect.IsVote || effect.Message is not NewView { Decision: var decision } newView)
            {
                base.Distort(to, effect, envelopes);
                return;
            }

            Act();
            var choices = decision.Choices.IsEmpty || Context.Random.Chance(500)
                ? decision.Choices.Add(Falsehood.Of(BatchEncoding.Null.Digest))
                : decision.Choices.RemoveAt(decision.Choices.Length - 1);
            var wrong = Context.Seals.Seal(new NewView(newView.View, newView.ViewChanges, new(decision.Base, choices), Context.Self));
            foreach (var peer in to) Post(peer, wrong, envelopes);
        }
    }

    /// <summary>It proposes, as if it were the primary.</summary>
    private sealed class ProposeAsBackup(BehaviourContext context) : Behaviour(context)
    {
        protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
        {
            base.Distort(to, effect, envelopes);
            if (!effect.IsVote) return;
            foreach (var peer in to)
            {
                if (!Context.Random.Chance(SomePerMille)) continue;
                Act();
                var batch = BatchEncoding.Encode(new Instant(VirtualTime.Start.Microseconds + Context.Random.Between(0, 1_000_000)), []);
                var proposal = new PrePrepare(effect.Vote.View, effect.Vote.Sequence.Plus(Context.Random.Between(0, 2)), batch, Context.Self);
                Post(peer, Context.Seals.Seal(proposal), envelopes);
            }
        }
    }

    /// <summary>It proposes what clients asked for under signatures that are none, which only those believe whose MACs it left good; and votes for it.</summary>
    private sealed class SpoilRequests(BehaviourContext context) : Behaviour(context)
    {
        private readonly Dictionary<(View View, SequenceNumber Sequence), Digest> _spoiled = [];

        protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
        {
            byte[] said;
            if (effect.IsVote && _spoiled.TryGetValue((effect.Vote.View, effect.Vote.Sequence), out var digest))
            {
                said = Context.Seals.Seal(effect.Vote with { Digest = digest });
            }
            else if (!effect.IsVote && effect.Message is PrePrepare { Batch.Requests.IsEmpty: false } proposal)
            {
                var good = Context.Random.Next();
                var requests = proposal.Batch.Requests.Select(request => SpoiledRequest.HasMacs(request.Envelope.Span)
                    ? new Request(request.Id, request.Operations, SpoiledRequest.Of(request.Envelope.Span, good, spoilSignature: true))
                    : request);
                var batch = BatchEncoding.Encode(proposal.Batch.Timestamp, [.. requests]);
                _spoiled[(proposal.View, proposal.Sequence)] = batch.Digest;
                Act();
                said = Context.Seals.Seal(new PrePrepare(proposal.View, proposal.Sequence, batch, Context.Self));
            }
            else
            {
                base.Distort(to, effect, envelopes);
                return;
            }

            foreach (var peer in to) Post(peer, said, envelopes);
        }
    }
}
