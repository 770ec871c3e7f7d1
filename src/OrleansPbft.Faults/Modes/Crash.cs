namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Crash"/>: the host stops driving the machines; what was on its way out is lost.</summary>
internal sealed class Crash(BehaviourContext context) : Silent(context)
{
    public override bool IsPaused => true;
}
