namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Slow"/>: nine tenths of the time-out, so that what is late never quite is.</summary>
internal sealed class Slow(BehaviourContext context) : Behaviour(context)
{
    public override TimeSpan Delay => Context.Timeout * 0.9;

    protected override ReadOnlyMemory<byte>? OnLeaving(ReadOnlyMemory<byte> envelope)
    {
        Act();
        return envelope;
    }
}
