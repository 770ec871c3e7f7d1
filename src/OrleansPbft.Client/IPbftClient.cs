namespace OrleansPbft.Client;

/// <summary>Has operations ordered and executed, or read, and answers what f + 1 replicas agreed on: <see cref="PbftClient"/>, or a grain that wraps one.</summary>
public interface IPbftClient
{
    /// <inheritdoc cref="PbftClient.SubmitAsync(IReadOnlyList{ReadOnlyMemory{byte}}, CancellationToken)"/>
    Task<BundleOutcome> SubmitAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="PbftClient.QueryAsync(IReadOnlyList{ReadOnlyMemory{byte}}, CancellationToken)"/>
    Task<BundleOutcome> QueryAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, CancellationToken cancellationToken = default);
}
