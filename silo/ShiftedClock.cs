namespace OrleansPbft.Silo;

/// <summary>The machine's clock, but for a difference: a fault on purpose (<c>Pbft:FaultInjection:ClockOffset</c>). Timers are as they are.</summary>
internal sealed class ShiftedClock(TimeSpan offset) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + offset;

    /// <summary>The clock of a silo: the machine's own, unless it is to be off.</summary>
    public static TimeProvider Of(TimeSpan offset) => offset == TimeSpan.Zero ? System : new ShiftedClock(offset);
}
