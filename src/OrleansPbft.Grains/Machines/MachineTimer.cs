namespace OrleansPbft.Grains.Machines;

/// <summary>An activation's claim on its machine, with the one grain timer that wakes it.</summary>
internal static class MachineTimer
{
    /// <summary>Claims the machine for an activation. To be called while it activates.</summary>
    /// <param name="grain">The grain activated.</param>
    /// <param name="machine">Its machine.</param>
    public static MachineHost.Claim TakeOver(Grain grain, MachineHost machine)
    {
        var timer = grain.RegisterGrainTimer(
            static (machine, _) =>
            {
                machine.Tick();
                return Task.CompletedTask;
            },
            machine,
            new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        return machine.TakeOver(delay => timer.Change(delay, Timeout.InfiniteTimeSpan), grain.DeactivateOnIdle);
    }
}
