using OrleansPbft.Core;

namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Silent"/>: nothing is even sealed.</summary>
internal class Silent(BehaviourContext context) : Behaviour(context)
{
    protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes) => Act();

    protected override void DistortRelay(ReplicaId to, ReadOnlyMemory<byte> envelope, ICollection<PeerEnvelope> envelopes) => Act();

    protected override Reply? Distort(Reply reply)
    {
        Act();
        return null;
    }

    protected override ReadReply? Distort(ReadReply reply)
    {
        Act();
        return null;
    }
}
