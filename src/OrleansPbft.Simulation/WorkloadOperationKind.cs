namespace OrleansPbft.Simulation;

/// <summary>What an operation of the workload asks of the store. The numbers are those of docs/wire-format.md.</summary>
internal enum WorkloadOperationKind
{
    /// <summary>What no service understands.</summary>
    Nonsense = 0,

    /// <summary>Reads an entry.</summary>
    Get = 1,

    /// <summary>Writes an entry, perhaps on a condition.</summary>
    Put = 2,

    /// <summary>Takes an entry out.</summary>
    Delete = 3,

    /// <summary>Adds to an entry.</summary>
    Increment = 4,
}
