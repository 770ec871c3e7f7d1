using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;
using OrleansPbft.Client;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains.Clients;
using OrleansPbft.Grains.Network;

namespace OrleansPbft.Grains;

/// <summary>The shell of a <see cref="PbftClient"/> that reaches the replicas by grain calls. A new activation is a new client.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "What an activation owns lives from OnActivateAsync to OnDeactivateAsync, which disposes it.")]
[Reentrant]
[PreferLocalPlacement]
internal sealed class ClientGrain(
    PbftCluster cluster, ReplyRouter replies, IOptions<PbftOptions> options, TimeProvider time, RemoteCluster? remote = null) : Grain, IClientGrain
{
    // Set when it is activated, before any call; the first two where all replicas are in this process.
    private KeyPair? _keys;
    private GrainTransport? _transport;
    private PbftClient _client = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var behaviour = new PbftClientOptions { RequestTimeout = options.Value.ClientTimeout };
        if (remote is not null)
        {
            _client = remote.CreateClient(behaviour);
            return Task.CompletedTask;
        }

        _keys = KeyPair.Create();
        _transport = new(GrainFactory, replies, this.AsReference<IClientGrain>());
        _client = new(
            new(cluster.Membership, cluster.Options, cluster.Service),
            _keys,
            _transport,
            cluster.Verifier,
            behaviour,
            time);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _client.DisposeAsync();
        _keys?.Dispose();
    }

    public Task<BundleAnswer> Submit(ImmutableArray<ReadOnlyMemory<byte>> operations, string? traceParent) =>
        AnswerAsync(_client.SubmitAsync, operations, traceParent);

    public Task<BundleAnswer> Query(ImmutableArray<ReadOnlyMemory<byte>> operations, string? traceParent) =>
        AnswerAsync(_client.QueryAsync, operations, traceParent);

    public Task Deliver(Envelope reply)
    {
        _transport?.OnReply(reply);
        return Task.CompletedTask;
    }

    private static async Task<BundleAnswer> AnswerAsync(
        Func<IReadOnlyList<ReadOnlyMemory<byte>>, CancellationToken, Task<BundleOutcome>> ask, ImmutableArray<ReadOnlyMemory<byte>> operations, string? traceParent)
    {
        using var caller = Spans.Adopt(traceParent);
        try
        {
            return BundleAnswer.Of(await ask(operations, CancellationToken.None));
        }
        catch (PbftException failure)
        {
            return BundleAnswer.Of(failure);
        }
        catch (ArgumentException refusal)
        {
            return BundleAnswer.Of(refusal);
        }
    }
}
