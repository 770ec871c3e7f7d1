namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Corrupt"/>: one bit of some envelopes, of whomever they are.</summary>
internal sealed class Corrupt(BehaviourContext context) : Behaviour(context)
{
    protected override ReadOnlyMemory<byte>? OnLeaving(ReadOnlyMemory<byte> envelope)
    {
        if (envelope.IsEmpty || !Context.Random.Chance(SomePerMille)) return envelope;
        Act();
        var damaged = envelope.ToArray(); // the sound one may be on its way to others
        damaged[Context.Random.Between(0, damaged.Length - 1)] ^= (byte)(1 << Context.Random.Between(0, 7));
        return damaged;
    }
}
