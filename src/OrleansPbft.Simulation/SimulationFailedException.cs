namespace OrleansPbft.Simulation;

/// <summary>A run broke a property of the protocol. Its message names the property, and the seed and command that replay the run.</summary>
public sealed class SimulationFailedException : Exception
{
    /// <summary>Fails without a message.</summary>
    public SimulationFailedException()
    {
    }

    /// <summary>Fails with a message.</summary>
    public SimulationFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Fails with a message and what caused it.</summary>
    public SimulationFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
