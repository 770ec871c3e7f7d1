using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>One read under way, guarded by its client's gate. Its result is null when the operations are to be ordered instead.</summary>
internal sealed class PendingRead(PbftClient client, Read read, QuorumRead machine, int operations)
    : TaskCompletionSource<BundleOutcome?>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public PbftClient Client => client;

    /// <summary>What was signed, and is sent as it is however often it is.</summary>
    public Read Read => read;

    public QuorumRead Machine => machine;

    public int Operations => operations;

    public CancellationTokenRegistration Cancellation { get; set; }
}
