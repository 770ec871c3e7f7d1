using System.Diagnostics;
using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>One submitted request, from the caller's call to its answer. Its fields are guarded by its client's gate.</summary>
/// <remarks>As a work item it seals itself: signing takes longer than anything else here, and need not hold up who finished another.</remarks>
internal sealed class PendingBundle(PbftClient client, ReadOnlyMemory<byte>[] operations, Instant submitted, TimeSpan timeout, Activity? activity)
    : TaskCompletionSource<BundleOutcome>(TaskCreationOptions.RunContinuationsAsynchronously), IThreadPoolWorkItem
{
    public PbftClient Client => client;

    /// <summary>The bundle.</summary>
    public ReadOnlyMemory<byte>[] Operations => operations;

    public Instant Submitted => submitted;

    /// <summary>How long it may take; infinite for ever.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>When it is given up.</summary>
    public Instant Deadline { get; } = timeout == System.Threading.Timeout.InfiniteTimeSpan ? Instant.Never : submitted.Plus(timeout);

    /// <summary>The span of the request; null where it is not traced.</summary>
    public Activity? Activity => activity;

    /// <summary>The context that goes along with it; null where its span is not recorded.</summary>
    public string? TraceParent { get; } = Spans.TraceParentOf(activity);

    /// <summary>How often its span says that it was sent again.</summary>
    public int Retransmissions { get; set; }

    /// <summary>Its place among those that wait for room in the window; null once it has a number.</summary>
    public LinkedListNode<PendingBundle>? Place { get; set; }

    /// <summary>The session it has a number in; null while it waits.</summary>
    public SessionInUse? Session { get; set; }

    public long Number { get; set; }

    /// <summary>Where it is to go first.</summary>
    public ReplicaSet To { get; set; }

    /// <summary>The signed request; null until it is sealed. The one field that is read and written outside the gate: a reference.</summary>
    public Request? Signed { get; set; }

    /// <summary>Whether any transport ever took it: whether it may be executed.</summary>
    public bool WasSent { get; set; }

    /// <summary>What f + 1 replicas that were too busy advised to wait; zero when they were not.</summary>
    public TimeSpan RetryAfter { get; set; }

    public CancellationTokenRegistration Cancellation { get; set; }

    void IThreadPoolWorkItem.Execute() => client.SealAndSend(this);
}
