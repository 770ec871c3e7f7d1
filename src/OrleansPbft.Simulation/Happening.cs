using OrleansPbft.Core;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Simulation;

/// <summary>Something that befalls the cluster for a while.</summary>
/// <param name="At">When it begins, from the start.</param>
/// <param name="For">How long it lasts.</param>
internal abstract record Happening(TimeSpan At, TimeSpan For)
{
    protected string When => $"at {At.TotalMilliseconds} ms for {For.TotalMilliseconds} ms";
}

/// <summary>A partition: these replicas reach each other and nobody else.</summary>
internal sealed record Partition(TimeSpan At, TimeSpan For, ReplicaSet CutOff) : Happening(At, For)
{
    public override string ToString() => $"{CutOff} cut off {When}";
}

/// <summary>What one node sends another is lost or late, of one kind of message or of all; the other direction is as it was.</summary>
/// <param name="At">When it begins.</param>
/// <param name="For">How long it lasts.</param>
/// <param name="From">The sender's address.</param>
/// <param name="To">The receiver's address.</param>
/// <param name="Kind">The kind it is about; null for all.</param>
/// <param name="Delay">How much later messages are; null when they are lost.</param>
internal sealed record BadLink(TimeSpan At, TimeSpan For, int From, int To, MessageKind? Kind, TimeSpan? Delay) : Happening(At, For)
{
    public override string ToString() =>
        $"{(Kind is null ? "all" : Kind)} from {From} to {To} {(Delay is { } late ? $"{late.TotalMilliseconds} ms late" : "lost")} {When}";
}

/// <summary>Replicas go down with all that was not durable, and start again from their disks.</summary>
/// <param name="At">When they crash.</param>
/// <param name="For">How long they are down.</param>
/// <param name="Replicas">Who.</param>
internal sealed record Outage(TimeSpan At, TimeSpan For, ReplicaSet Replicas) : Happening(At, For)
{
    public override string ToString() => $"{Replicas} down {When}";
}

/// <summary>Whoever is primary then is cut off, or goes down.</summary>
/// <param name="At">When.</param>
/// <param name="For">For how long.</param>
/// <param name="GoesDown">Whether it goes down; otherwise it is cut off.</param>
internal sealed record PrimaryLost(TimeSpan At, TimeSpan For, bool GoesDown) : Happening(At, For)
{
    public override string ToString() => $"the primary {(GoesDown ? "down" : "cut off")} {When}";
}

/// <summary>A machine loses its power while its disk is at work, and others with it; each starts again from what is on its disk then.</summary>
/// <param name="At">From when on the operations of its disk are counted.</param>
/// <param name="For">How long they are down.</param>
/// <param name="Trigger">Whose disk it is.</param>
/// <param name="With">Who loses power at that very moment, too.</param>
/// <param name="Operation">At which operation from then on: a write, a flush, a name made, changed or removed, a flush of names; 0 is the first.</param>
/// <param name="IsAfter">Whether right after that operation; otherwise before it.</param>
/// <param name="Outcome">What becomes of what is not flushed.</param>
/// <param name="Again">At which operation of its new start the trigger's disk crashes again; null for none.</param>
/// <param name="IsNewStart">Whether this is that crash.</param>
internal sealed record PowerLost(
    TimeSpan At, TimeSpan For, ReplicaId Trigger, ReplicaSet With, long Operation, bool IsAfter, CrashOutcome Outcome, long? Again = null, bool IsNewStart = false)
    : Happening(At, For)
{
    public override string ToString() =>
        $"{With.With(Trigger)} without power {(IsAfter ? "after" : "before")} operation {Operation} of {Trigger}'s disk, {Outcome}, " +
        $"{(Again is { } again ? $"and at operation {again} of its new start, " : "")}{When}";
}
