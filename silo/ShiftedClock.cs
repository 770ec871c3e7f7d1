namespace OrleansPbft.Silo;

/// <summary>The machine's clock, but for a difference: a fault on purpose (<c>Pbft:FaultInjection:ClockOffset</c>). Timers are as they are.</summary>
internal sealed class ShiftedClock(TimeSpan offset) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + offset;

    private static readonly TimeSpan OffsetMax = TimeSpan.FromDays(1);

    /// <summary>The clock of a silo: the machine's own, unless it is to be off. By more than a day it is not: that is refused as soon as all settings are checked.</summary>
    public static TimeProvider Of(TimeSpan offset) => offset == TimeSpan.Zero || offset < -OffsetMax || offset > OffsetMax ? System : new ShiftedClock(offset);
}
