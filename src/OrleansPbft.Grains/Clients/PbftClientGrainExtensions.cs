using OrleansPbft.Client;

namespace OrleansPbft.Grains;

/// <summary>Clients inside a silo.</summary>
public static class PbftClientGrainExtensions
{
    /// <summary>The client grain of a session, as the client library's callers know a client.</summary>
    /// <param name="grains">The silo's grains.</param>
    /// <param name="session">The session's name; whoever gives the same name shares the session.</param>
    public static IPbftClient GetPbftClient(this IGrainFactory grains, string session)
    {
        ArgumentNullException.ThrowIfNull(grains);
        return new ClientOfGrain(grains.GetGrain<IClientGrain>(session));
    }

    private sealed class ClientOfGrain(IClientGrain grain) : IPbftClient
    {
        public async Task<BundleOutcome> SubmitAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(operations);
            var answer = await grain.Submit([.. operations], Spans.CallersTraceParent()).WaitAsync(cancellationToken);
            return answer.ToOutcome();
        }

        public async Task<BundleOutcome> QueryAsync(IReadOnlyList<ReadOnlyMemory<byte>> operations, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(operations);
            var answer = await grain.Query([.. operations], Spans.CallersTraceParent()).WaitAsync(cancellationToken);
            return answer.ToOutcome();
        }
    }
}
