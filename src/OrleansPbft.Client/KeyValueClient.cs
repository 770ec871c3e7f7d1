using OrleansPbft.Services;

namespace OrleansPbft.Client;

/// <summary>A replicated <see cref="KeyValueStore"/> as its users see it. Reads too are linearizable, ordered or not (rule C-7).</summary>
/// <remarks>Every method throws what <see cref="PbftClient.SubmitAsync(IReadOnlyList{ReadOnlyMemory{byte}}, CancellationToken)"/>
/// throws, and <see cref="PbftOperationException"/> for keys and values the store does not take.</remarks>
/// <param name="client">Speaks to the cluster.</param>
public sealed class KeyValueClient(IPbftClient client)
{
    /// <summary>Reads one entry: Found or NotFound.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="ordered">Whether the read is ordered in any case; otherwise only where the replicas' answers do not suffice.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<KeyValueAnswer> GetAsync(string key, bool ordered = false, CancellationToken cancellationToken = default) =>
        ReadAsync(KeyValueOperation.Get(key), ordered, cancellationToken);

    /// <summary>Writes one entry: Written, or VersionMismatch.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="ifVersion">Only if the entry has this version; 0: only if there is none; null: in any case.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<KeyValueAnswer> PutAsync(string key, ReadOnlyMemory<byte> value, long? ifVersion = null, CancellationToken cancellationToken = default) =>
        SubmitAsync(KeyValueOperation.Put(key, value.Span, ifVersion), cancellationToken);

    /// <summary>Takes one entry out: Deleted, NotFound or VersionMismatch.</summary>
    public Task<KeyValueAnswer> DeleteAsync(string key, long? ifVersion = null, CancellationToken cancellationToken = default) =>
        SubmitAsync(KeyValueOperation.Delete(key, ifVersion), cancellationToken);

    /// <summary>Adds to an entry that holds a decimal number: Written, NotANumber or Overflow.</summary>
    public Task<KeyValueAnswer> IncrementAsync(string key, long by = 1, CancellationToken cancellationToken = default) =>
        SubmitAsync(KeyValueOperation.Increment(key, by), cancellationToken);

    /// <summary>Reads entries in the order of their keys: Range.</summary>
    /// <param name="prefix">What their keys start with.</param>
    /// <param name="after">Only keys after this one; null for all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ordered">Whether the read is ordered in any case.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<KeyValueAnswer> ListAsync(
        string prefix = "", string? after = null, int limit = 100, bool ordered = false, CancellationToken cancellationToken = default) =>
        ReadAsync(KeyValueOperation.Range(prefix, after, limit), ordered, cancellationToken);

    private async Task<KeyValueAnswer> ReadAsync(byte[] operation, bool ordered, CancellationToken cancellationToken) =>
        ordered ? await SubmitAsync(operation, cancellationToken) : KeyValueAnswer.Of(await client.QueryAsync([operation], cancellationToken));

    private async Task<KeyValueAnswer> SubmitAsync(byte[] operation, CancellationToken cancellationToken) =>
        KeyValueAnswer.Of(await client.SubmitAsync([operation], cancellationToken));
}
