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

    /// <summary>The property that does not hold, by its name: <c>Agreement</c>, <c>Liveness</c>. Whatever broke a run otherwise goes by the name of its exception.</summary>
    public string Property => InnerException switch
    {
        null or SimulationFailedException => Head((InnerException ?? this).Message),
        var other => other.GetType().Name,
    };

    private static string Head(string message) => message.IndexOf(':', StringComparison.Ordinal) is > 0 and var at ? message[..at] : message;
}
