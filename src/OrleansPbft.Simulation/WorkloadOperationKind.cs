namespace OrleansPbft.Simulation;

/// <summary>What an operation of the workload asks of the store.</summary>
internal enum WorkloadOperationKind
{
    /// <summary>What no service understands.</summary>
    Nonsense = 0,

    /// <summary>Reads an entry.</summary>
    Get,

    /// <summary>Writes an entry, perhaps on a condition.</summary>
    Put,

    /// <summary>Takes an entry out.</summary>
    Delete,

    /// <summary>Adds to an entry.</summary>
    Increment,
}
