namespace OrleansPbft.Simulation.Storage;

/// <summary>The machine of a <see cref="SimulatedStorage"/> crashed: whatever was to be done there is not, and nothing will be.</summary>
public sealed class SimulatedCrashException : Exception
{
    /// <summary>Makes one.</summary>
    public SimulatedCrashException()
        : this("The simulated machine crashed.")
    {
    }

    /// <summary>Makes one with a message.</summary>
    public SimulatedCrashException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and its cause.</summary>
    public SimulatedCrashException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
