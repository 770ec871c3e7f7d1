namespace OrleansPbft.Core;

/// <summary>A service refuses an operation: malformed, or not allowed. Its message is the result every replica gives.</summary>
/// <remarks>The message must follow from state and operation alone: it is part of what f + 1 replicas must agree on.</remarks>
public sealed class OperationRejectedException : Exception
{
    /// <summary>Refuses without a reason.</summary>
    public OperationRejectedException()
        : base("The operation was rejected.")
    {
    }

    /// <summary>Refuses with a reason for the client.</summary>
    public OperationRejectedException(string message)
        : base(message)
    {
    }

    /// <summary>Refuses with a reason for the client.</summary>
    public OperationRejectedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
