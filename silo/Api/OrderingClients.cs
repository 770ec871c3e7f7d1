using OrleansPbft.Client;
using OrleansPbft.Grains;

namespace OrleansPbft.Silo.Api;

/// <summary>The sessions that the HTTP API shares among its callers: client grains, taken in turn so that their signing runs on all cores.</summary>
internal sealed class OrderingClients(IGrainFactory grains, int sessions)
{
    private readonly IPbftClient[] _clients = [.. Enumerable.Range(0, sessions).Select(i => grains.GetPbftClient($"http/{i}"))];
    private uint _turn;

    public Task<BundleOutcome> SubmitAsync(ReadOnlyMemory<byte> operation, CancellationToken cancellationToken) =>
        Next().SubmitAsync([operation], cancellationToken);

    public Task<BundleOutcome> QueryAsync(ReadOnlyMemory<byte> operation, CancellationToken cancellationToken) =>
        Next().QueryAsync([operation], cancellationToken);

    private IPbftClient Next() => _clients[Interlocked.Increment(ref _turn) % (uint)_clients.Length];
}
