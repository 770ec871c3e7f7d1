namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Drop"/>.</summary>
internal sealed class Drop(BehaviourContext context, double rate) : Behaviour(context)
{
    protected override ReadOnlyMemory<byte>? OnLeaving(ReadOnlyMemory<byte> envelope)
    {
        if (!Context.Random.Happens(rate)) return envelope;
        Act();
        return null;
    }
}
