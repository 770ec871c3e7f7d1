namespace OrleansPbft.ClientConsole;

/// <summary>What the console's exit codes mean.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>It failed for a reason that has no code of its own: no silo answers, the service refused the operation, the benchmark had errors.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong; nothing was sent.</summary>
    public const int Usage = 2;

    /// <summary>There is no such entry.</summary>
    public const int NotFound = 3;

    /// <summary>The entry is not as the operation requires; nothing changed.</summary>
    public const int Conflict = 4;

    /// <summary>No f + 1 equal answers came in time; the operation may have been executed.</summary>
    public const int NoQuorum = 5;

    /// <summary>The cluster was too busy all the time.</summary>
    public const int Busy = 6;
}
