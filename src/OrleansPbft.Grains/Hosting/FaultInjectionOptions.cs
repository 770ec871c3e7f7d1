namespace OrleansPbft.Grains;

/// <summary>The section <c>Pbft:FaultInjection</c>.</summary>
public sealed class FaultInjectionOptions
{
    /// <summary>What is said to those who want a fault where there may be none.</summary>
    public const string Disabled =
        "Faults on purpose are not enabled here. Set Pbft:FaultInjection:Enabled to true, or run in the Development environment, and start the silo again.";

    /// <summary>Whether replicas can be made faulty on purpose while they run.</summary>
    /// <value>True by default in the Development environment, false in every other.</value>
    public bool Enabled { get; set; }

    /// <summary>How far this silo's clock is ahead of the machine's, on purpose, from its start to its end; negative: behind.</summary>
    /// <value>0 by default; at most a day either way. Needs <see cref="Enabled"/>.</value>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>The most that <see cref="ClockOffset"/> is, either way.</summary>
    internal static readonly TimeSpan ClockOffsetMax = TimeSpan.FromDays(1);
}
