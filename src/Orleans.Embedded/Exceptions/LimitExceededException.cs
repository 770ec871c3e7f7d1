namespace Orleans.Runtime;

/// <summary>Too many requests wait at one activation.</summary>
public sealed class LimitExceededException : OrleansException
{
    /// <summary>Creates the exception with its default message.</summary>
    public LimitExceededException()
        : base("Limit exceeded.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What went wrong.</param>
    public LimitExceededException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The cause.</param>
    public LimitExceededException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
