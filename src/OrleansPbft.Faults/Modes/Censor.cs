using OrleansPbft.Core;

namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Censor"/>: neither machine sees the client's requests and reads. In the batches of others they stay: nobody can vote for half a batch.</summary>
internal sealed class Censor(BehaviourContext context, ClientId client) : Behaviour(context)
{
    public override bool Takes(in Input input)
    {
        var isTheirs = input.Kind switch
        {
            InputKind.Request => input.Request.Id.Client == client,
            InputKind.Read => input.Read.Client == client,
            _ => false,
        };
        if (!isTheirs) return true;
        Act();
        return false;
    }
}
