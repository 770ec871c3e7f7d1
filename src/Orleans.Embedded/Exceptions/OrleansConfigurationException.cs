namespace Orleans.Runtime;

/// <summary>The silo can not start as it is configured.</summary>
public sealed class OrleansConfigurationException : Exception
{
    /// <summary>Creates the exception with its default message.</summary>
    public OrleansConfigurationException()
        : base("The silo is not configured correctly.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What went wrong.</param>
    public OrleansConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The cause.</param>
    public OrleansConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
