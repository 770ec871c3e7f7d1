namespace OrleansPbft.Simulation.Storage;

/// <summary>What becomes of what was written and not flushed, where a crash interrupts it.</summary>
public enum CrashOutcome
{
    /// <summary>Of each write and each change of a name it is drawn, whatever became of the others: there, lost, or, of a write, there in part.</summary>
    Torn = 0,

    /// <summary>All of it is lost.</summary>
    Lost,

    /// <summary>All of it is there.</summary>
    Kept,

    /// <summary>Names are as they were changed last, and what was not flushed of the files under them is lost.</summary>
    NamesOnly,

    /// <summary>Only the process ended: all of it is there, and not durable yet.</summary>
    Killed,
}
