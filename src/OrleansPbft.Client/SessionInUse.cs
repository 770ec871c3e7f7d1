using System.Diagnostics;
using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>One session and its requests in flight. Guarded by its client's gate; as a work item it seals the request that opens it.</summary>
internal sealed class SessionInUse(PbftClient client, ClientSession machine, Instant opened) : IThreadPoolWorkItem
{
    public ClientSession Machine => machine;

    public Dictionary<long, PendingBundle> InFlight { get; } = [];

    /// <summary>Whether it has no number yet.</summary>
    public bool IsOpening => machine.Id == SessionId.None;

    /// <summary>When it was last used.</summary>
    public Instant LastUsed { get; set; } = opened;

    /// <summary>Where the request that opens it is to go first.</summary>
    public ReplicaSet To { get; set; }

    /// <summary>The signed request that opens it; null until it is sealed. Read and written outside the gate: a reference.</summary>
    public Request? Signed { get; set; }

    /// <summary>The span of its opening, in the trace of the request that needed it; null where that is not traced.</summary>
    public Activity? Activity { get; set; }

    /// <summary>Whether any transport ever took the request that opens it.</summary>
    public bool WasSent { get; set; }

    /// <summary>What f + 1 replicas that were too busy to open it advised to wait; zero when they were not.</summary>
    public TimeSpan RetryAfter { get; set; }

    void IThreadPoolWorkItem.Execute() => client.SealAndSend(this);
}
