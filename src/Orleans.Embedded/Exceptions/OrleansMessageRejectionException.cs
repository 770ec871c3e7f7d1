namespace Orleans.Runtime;

/// <summary>The runtime refused a request; the grain never saw it.</summary>
public class OrleansMessageRejectionException : OrleansException
{
    /// <summary>Creates the exception with its default message.</summary>
    public OrleansMessageRejectionException()
        : base("The request was rejected.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What went wrong.</param>
    public OrleansMessageRejectionException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The cause.</param>
    public OrleansMessageRejectionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
