namespace OrleansPbft.Core;

/// <summary>Everything about the protocol that can be configured. All replicas of a cluster must be given the same.</summary>
public sealed record ProtocolOptions
{
    /// <summary>n and its thresholds.</summary>
    public required ClusterSize Cluster { get; init; }

    /// <summary>How what is no evidence is authenticated (rule A-2). The machines of the core do not look at it.</summary>
    /// <value><see cref="AuthenticationMode.Signatures"/> by default.</value>
    public AuthenticationMode Authentication { get; init; }

    /// <summary>K: a checkpoint is taken every K sequence numbers.</summary>
    /// <value>128 by default; 1 or more.</value>
    public int CheckpointInterval { get; init; } = 128;

    /// <summary>L: how far the high watermark is above the low one.</summary>
    /// <value>256 by default. At least 2K, so that the primary need not pause while a checkpoint stabilises.</value>
    public int LogWindow { get; init; } = 256;

    /// <summary>The most requests one batch holds.</summary>
    /// <value>512 by default; 1 or more.</value>
    public int BatchMax { get; init; } = 512;

    /// <summary>The most bytes one batch holds; a single request may always fill one.</summary>
    /// <value>1 MiB by default; at least <see cref="RequestBytesMax"/>.</value>
    public int BatchBytesMax { get; init; } = 1 << 20;

    /// <summary>How long a request waits, at most, for its batch to fill (rule N-7). It never waits longer than the last batch took, either.</summary>
    /// <value>10 ms by default; 0 .. 1 s.</value>
    public TimeSpan BatchDelayMax { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How many proposals may be outstanding, proposed and not yet executed, before the primary waits (rule N-7).</summary>
    /// <value>4 by default; 1 .. L.</value>
    public int Pipeline { get; init; } = 4;

    /// <summary>The most sessions at a time; opening one more evicts the least recently used (rule C-2).</summary>
    /// <value>1024 by default.</value>
    public int SessionsMax { get; init; } = 1024;

    /// <summary>W: how many requests of one session may be in flight, and how many results are kept (rule C-3).</summary>
    /// <value>64 by default; 1 .. 1024.</value>
    public int SessionWindow { get; init; } = 64;

    /// <summary>The most bytes of results kept for one session; beyond it the oldest are dropped.</summary>
    /// <value>256 KiB by default; at least <see cref="ResultBytesMax"/>, and at most 256 MiB, for a session is sent as one chunk of the state.</value>
    public int SessionReplyBytesMax { get; init; } = 256 << 10;

    /// <summary>B: the most operations one request bundles.</summary>
    /// <value>1024 by default.</value>
    public int OperationsMax { get; init; } = 1024;

    /// <summary>The most bytes one request's envelope takes.</summary>
    /// <value>256 KiB by default.</value>
    public int RequestBytesMax { get; init; } = 256 << 10;

    /// <summary>The most bytes all results of one request take together.</summary>
    /// <value>128 KiB by default.</value>
    public int ResultBytesMax { get; init; } = 128 << 10;

    /// <summary>How many requests may wait at one replica before it answers Busy (rule C-6).</summary>
    /// <value>4096 by default.</value>
    public int PendingMax { get; init; } = 4096;

    /// <summary>The most bytes of requests that may wait at one replica before it answers Busy (rule C-6).</summary>
    /// <value>64 MiB by default; at least <see cref="RequestBytesMax"/>.</value>
    public int PendingBytesMax { get; init; } = 64 << 20;

    /// <summary>What a Busy answer tells the client to wait.</summary>
    /// <value>50 ms by default.</value>
    public TimeSpan BusyRetryAfter { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a backup waits for a request to be executed before it acts (rule C-5).</summary>
    /// <value>2 s by default.</value>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a replica that makes no progress, with work outstanding, waits before it says where it stands (VC-9).</summary>
    /// <value>250 ms by default.</value>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a replica that has nothing to do says where it stands, so that one that missed the end of it learns that (VC-9).</summary>
    /// <value>1 s by default; at least <see cref="StatusInterval"/>.</value>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>T: how long a replica waits, once q replicas are in a view, for its NEW-VIEW and the first progress in it (VC-7). Doubles with
    /// each view that makes none, up to <see cref="ViewChangeTimeoutMax"/>; progress resets it.</summary>
    /// <value>2 s by default.</value>
    public TimeSpan ViewChangeTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The most that T becomes (VC-7): after any outage the cluster commits again within two of these of the network's healing.</summary>
    /// <value>30 s by default; at least <see cref="ViewChangeTimeout"/>.</value>
    public TimeSpan ViewChangeTimeoutMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the oldest waiting request may wait while the primary orders others, before the primary is suspected (VC-10).</summary>
    /// <value>1 s by default; at most <see cref="RequestTimeout"/>.</value>
    public TimeSpan OrderingDelayMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How far a proposed timestamp may be from a backup's clock (rule N-2).</summary>
    /// <value>30 s by default.</value>
    public TimeSpan TimestampSkewMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Every contradiction in these options, as sentences for the person who set them; empty when there is none.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        Require(Enum.IsDefined(Authentication), $"Authentication ({Authentication}) must be one of {string.Join(", ", Enum.GetNames<AuthenticationMode>())}.");
        Require(CheckpointInterval is >= 1 and <= 65_536, $"CheckpointInterval ({CheckpointInterval}) must be 1 to 65536.");
        Require(
            LogWindow >= 2L * CheckpointInterval && LogWindow <= 16_384,
            $"LogWindow ({LogWindow}) must be at least twice CheckpointInterval ({CheckpointInterval}), and at most 16384.");
        Require(BatchMax is >= 1 and <= 65_535, $"BatchMax ({BatchMax}) must be 1 to 65535.");
        Require(BatchDelayMax >= TimeSpan.Zero && BatchDelayMax <= TimeSpan.FromSeconds(1), $"BatchDelayMax ({BatchDelayMax}) must be 0 to 1 s.");
        Require(Pipeline >= 1 && Pipeline <= LogWindow, $"Pipeline ({Pipeline}) must be 1 to LogWindow ({LogWindow}).");
        Require(SessionsMax is >= 1 and <= 1_000_000, $"SessionsMax ({SessionsMax}) must be 1 to 1000000.");
        Require(SessionWindow is >= 1 and <= 1024, $"SessionWindow ({SessionWindow}) must be 1 to 1024.");
        Require(OperationsMax is >= 1 and <= 65_535, $"OperationsMax ({OperationsMax}) must be 1 to 65535.");
        Require(RequestBytesMax is >= 1024 and <= (64 << 20), $"RequestBytesMax ({RequestBytesMax}) must be 1024 to 67108864.");
        Require(ResultBytesMax is >= 1024 and <= (64 << 20), $"ResultBytesMax ({ResultBytesMax}) must be 1024 to 67108864.");
        Require(
            BatchBytesMax >= RequestBytesMax && BatchBytesMax <= (128 << 20),
            $"BatchBytesMax ({BatchBytesMax}) must be at least RequestBytesMax ({RequestBytesMax}), and at most 134217728.");
        var resultBytesMin = OperationResults.BytesMin(Math.Clamp(OperationsMax, 1, 65_535));
        Require(
            ResultBytesMax >= resultBytesMin,
            $"ResultBytesMax ({ResultBytesMax}) must be at least {resultBytesMin} for OperationsMax ({OperationsMax}).");
        Require(
            SessionReplyBytesMax >= ResultBytesMax && SessionReplyBytesMax <= (256 << 20),
            $"SessionReplyBytesMax ({SessionReplyBytesMax}) must be at least ResultBytesMax ({ResultBytesMax}), and at most 268435456.");
        Require(PendingMax is >= 1 and <= 1_000_000, $"PendingMax ({PendingMax}) must be 1 to 1000000.");
        Require(PendingBytesMax >= RequestBytesMax, $"PendingBytesMax ({PendingBytesMax}) must be at least RequestBytesMax ({RequestBytesMax}).");
        Require(BusyRetryAfter > TimeSpan.Zero && BusyRetryAfter <= TimeSpan.FromMinutes(1), $"BusyRetryAfter ({BusyRetryAfter}) must be above 0 and at most 1 min.");
        Require(
            RequestTimeout > BatchDelayMax && RequestTimeout <= TimeSpan.FromHours(1),
            $"RequestTimeout ({RequestTimeout}) must be above BatchDelayMax ({BatchDelayMax}), and at most 1 h.");
        Require(StatusInterval > TimeSpan.Zero && StatusInterval <= TimeSpan.FromMinutes(1), $"StatusInterval ({StatusInterval}) must be above 0 and at most 1 min.");
        Require(
            HeartbeatInterval >= StatusInterval && HeartbeatInterval <= TimeSpan.FromHours(1),
            $"HeartbeatInterval ({HeartbeatInterval}) must be at least StatusInterval ({StatusInterval}), and at most 1 h.");
        Require(
            ViewChangeTimeout > TimeSpan.Zero && ViewChangeTimeout <= ViewChangeTimeoutMax,
            $"ViewChangeTimeout ({ViewChangeTimeout}) must be above 0, and at most ViewChangeTimeoutMax ({ViewChangeTimeoutMax}).");
        Require(ViewChangeTimeoutMax <= TimeSpan.FromHours(1), $"ViewChangeTimeoutMax ({ViewChangeTimeoutMax}) must be at most 1 h.");
        Require(
            OrderingDelayMax > BatchDelayMax && OrderingDelayMax <= RequestTimeout,
            $"OrderingDelayMax ({OrderingDelayMax}) must be above BatchDelayMax ({BatchDelayMax}), and at most RequestTimeout ({RequestTimeout}).");
        Require(TimestampSkewMax > TimeSpan.Zero, $"TimestampSkewMax ({TimestampSkewMax}) must be above 0.");
        return problems;

        void Require(bool holds, string problem)
        {
            if (!holds) problems.Add(problem);
        }
    }
}
