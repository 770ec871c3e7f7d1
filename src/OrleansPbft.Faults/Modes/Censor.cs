using OrleansPbft.Core;

namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Censor"/>: neither machine sees the client's requests. In the batches of others they stay: nobody can vote for half a batch.</summary>
internal sealed class Censor(BehaviourContext context, ClientId client) : Behaviour(context)
{
    public override bool Takes(in Input input)
    {
        if (input.Kind != InputKind.Request || input.Request.Id.Client != client) return true;
        Act();
        return false;
    }
}
