using OrleansPbft.Core;

namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Equivocate"/>: every second peer gets another batch, and for some proposals votes that go with it.</summary>
internal sealed class Equivocate(BehaviourContext context) : Behaviour(context)
{
    private const int RememberedMax = 1024;

    private readonly Dictionary<(View View, SequenceNumber Sequence), Other> _others = [];
    private readonly Queue<(View View, SequenceNumber Sequence)> _order = [];

    protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
    {
        if (effect.IsVote && _others.TryGetValue((effect.Vote.View, effect.Vote.Sequence), out var other) && other.IsVotedFor)
        {
            Split(to, Context.Seals.Seal(effect), Context.Seals.Seal(effect.Vote with { Digest = other.Digest }), envelopes);
        }
        else if (!effect.IsVote && effect.Message is PrePrepare proposal)
        {
            var batch = AnotherBatch(proposal.Batch);
            Remember((proposal.View, proposal.Sequence), new(batch.Digest, Context.Random.Chance(500)));
            Split(to, Context.Seals.Seal(effect), Context.Seals.Seal(new PrePrepare(proposal.View, proposal.Sequence, batch, proposal.Sender)), envelopes);
        }
        else
        {
            base.Distort(to, effect, envelopes);
        }
    }

    private void Split(ReplicaSet to, byte[] one, byte[] another, ICollection<PeerEnvelope> envelopes)
    {
        foreach (var peer in to)
        {
            // Counted from itself, so that whoever leads divides the others into halves.
            var isOnOtherSide = DistanceTo(peer) % 2 == 1;
            if (isOnOtherSide) Act();
            Post(peer, isOnOtherSide ? another : one, envelopes);
        }
    }

    /// <summary>The same requests in another order, or at another time where there is no other order: as good a batch, and not the same one.</summary>
    private static Batch AnotherBatch(Batch batch) => batch.Requests.Length > 1
        ? BatchEncoding.Encode(batch.Timestamp, [.. batch.Requests.Reverse()])
        : BatchEncoding.Encode(new(batch.Timestamp.Microseconds + 1), batch.Requests);

    private void Remember((View View, SequenceNumber Sequence) place, Other other)
    {
        if (!_others.TryAdd(place, other)) return;
        _order.Enqueue(place);
        if (_order.Count > RememberedMax) _others.Remove(_order.Dequeue());
    }

    private readonly record struct Other(Digest Digest, bool IsVotedFor);
}
