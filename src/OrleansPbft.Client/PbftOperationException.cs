using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>The operation was ordered, and the service refused it: the same on every replica, and nothing changed (rule S-3).</summary>
/// <param name="status">See <see cref="Status"/>.</param>
/// <param name="message">The service's reason.</param>
public sealed class PbftOperationException(OperationStatus status, string message)
    : PbftException(status == OperationStatus.Rejected ? "rejected" : "failed", message, mayHaveExecuted: false)
{
    /// <summary>How it was refused.</summary>
    public OperationStatus Status { get; } = status;

    /// <summary>Returns the data of a result that is <see cref="OperationStatus.Done"/>.</summary>
    /// <exception cref="PbftOperationException">It is not.</exception>
    public static ReadOnlyMemory<byte> ThrowUnlessDone(in OperationResult result) => result.Status switch
    {
        OperationStatus.Done => result.Data,
        OperationStatus.Rejected => throw new PbftOperationException(result.Status, System.Text.Encoding.UTF8.GetString(result.Data.Span)),
        OperationStatus.ResultTooLarge => throw new PbftOperationException(result.Status, "The result is larger than this cluster allows; nothing changed. Ask for less."),
        _ => throw new PbftOperationException(result.Status, "The service failed on this operation; nothing changed."),
    };
}
