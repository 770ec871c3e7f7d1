using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.Grains;

/// <summary>The section <c>Pbft</c> of the configuration. Everything that shapes the protocol must be equal on all replicas.</summary>
/// <remarks>Times are written as <c>hours:minutes:seconds</c>, as in <c>00:00:00.250</c>.</remarks>
public sealed class PbftOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Pbft";

    /// <summary>The parts of the section that are read elsewhere: by the client console, the HTTP API, the client port, the links.</summary>
    internal static readonly string[] ForeignSections = ["Client", "Http", "ClientPort", "Links"];

    /// <summary>n, the number of replicas.</summary>
    /// <value>4 by default, the smallest cluster that survives one Byzantine replica. 4 to 64, or 1 for development.</value>
    public int Replicas { get; set; } = 4;

    /// <summary>The name of the service to replicate.</summary>
    /// <value><c>KeyValueStore</c> by default. <c>KeyValueStore</c>, <c>Counter</c>, or one registered with AddPbftService.</value>
    public string Service { get; set; } = ServiceCatalog.KeyValueStore;

    /// <summary>How what is no evidence is authenticated (rule A-2): votes, checkpoints, statuses and replies.</summary>
    /// <value><c>Macs</c> by default, or <c>Signatures</c>. Equal at all replicas, and part of the cluster's id.</value>
    public AuthenticationMode Authentication { get; set; } = AuthenticationMode.Macs;

    /// <summary>How long a session key is used, in mode <c>Macs</c>, before another takes its place.</summary>
    /// <value>1 h by default; 1 s to 7 days. Each replica may have its own.</value>
    public TimeSpan SessionKeyLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>K: a checkpoint is taken every so many sequence numbers.</summary>
    /// <value>128 by default; 1 to 65536.</value>
    public int CheckpointInterval { get; set; } = 128;

    /// <summary>L: how many sequence numbers the high watermark is above the low one.</summary>
    /// <value>256 by default; at least 2 K, so that the primary need not pause while a checkpoint stabilises, and at most 16384.</value>
    public int LogWindow { get; set; } = 256;

    /// <summary>The most requests one batch holds.</summary>
    /// <value>512 by default; 1 to 65535.</value>
    public int BatchMax { get; set; } = 512;

    /// <summary>The most bytes of requests one batch holds.</summary>
    /// <value>1048576 (1 MiB) by default; at least <see cref="RequestBytesMax"/>, at most 134217728.</value>
    public int BatchBytesMax { get; set; } = 1 << 20;

    /// <summary>How long a request waits, at most, for its batch to fill (rule N-7). It never waits longer than the last batch took, either.</summary>
    /// <value>10 ms by default; 0 to 1 s.</value>
    public TimeSpan BatchDelayMax { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How many proposals may be outstanding before the primary waits (rule N-7).</summary>
    /// <value>4 by default; 1 to <see cref="LogWindow"/>.</value>
    public int Pipeline { get; set; } = 4;

    /// <summary>The most sessions at a time; one more evicts the least recently used (rule C-2).</summary>
    /// <value>1024 by default; 1 to 1000000.</value>
    public int SessionsMax { get; set; } = 1024;

    /// <summary>W: how many requests of one session may be in flight, and how many results are kept (rule C-3).</summary>
    /// <value>64 by default; 1 to 1024.</value>
    public int SessionWindow { get; set; } = 64;

    /// <summary>The most bytes of results kept for one session; beyond them the oldest are dropped.</summary>
    /// <value>262144 (256 KiB) by default; at least <see cref="ResultBytesMax"/>, and at most 268435456 (256 MiB).</value>
    public int SessionReplyBytesMax { get; set; } = 256 << 10;

    /// <summary>B: the most operations one request bundles (rule N-1).</summary>
    /// <value>1024 by default; 1 to 65535.</value>
    public int OperationsMax { get; set; } = 1024;

    /// <summary>The most bytes the sealed envelope of one request takes.</summary>
    /// <value>262144 (256 KiB) by default; 1024 to 67108864.</value>
    public int RequestBytesMax { get; set; } = 256 << 10;

    /// <summary>The most bytes all results of one request take together.</summary>
    /// <value>131072 (128 KiB) by default; 1024 to 67108864.</value>
    public int ResultBytesMax { get; set; } = 128 << 10;

    /// <summary>How many requests may wait at one replica before it answers Busy (rule C-6).</summary>
    /// <value>4096 by default; 1 to 1000000.</value>
    public int PendingMax { get; set; } = 4096;

    /// <summary>How many bytes of requests may wait at one replica before it answers Busy (rule C-6).</summary>
    /// <value>67108864 (64 MiB) by default; at least <see cref="RequestBytesMax"/>.</value>
    public int PendingBytesMax { get; set; } = 64 << 20;

    /// <summary>How long a Busy answer tells the client to wait.</summary>
    /// <value>50 ms by default; above 0, at most 1 min.</value>
    public TimeSpan BusyRetryAfter { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a backup waits for a request to be executed before it acts (rule C-5).</summary>
    /// <value>2 s by default; above <see cref="BatchDelayMax"/>, at most 1 h.</value>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a replica without progress, with work outstanding, waits before it says where it stands (rule VC-9).</summary>
    /// <value>250 ms by default; above 0, at most 1 min.</value>
    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a replica with nothing to do says where it stands, so that one that missed the end of it learns that (rule VC-9).</summary>
    /// <value>1 s by default; at least <see cref="StatusInterval"/>, at most 1 h.</value>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a replica waits for a new view to begin and to make progress (rule VC-7). Doubles while none does.</summary>
    /// <value>2 s by default; above 0, at most <see cref="ViewChangeTimeoutMax"/>.</value>
    public TimeSpan ViewChangeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The most that <see cref="ViewChangeTimeout"/> becomes by doubling.</summary>
    /// <value>30 s by default; at most 1 h.</value>
    public TimeSpan ViewChangeTimeoutMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the oldest waiting request may wait while the primary orders others, before the primary is suspected (rule VC-10).</summary>
    /// <value>1 s by default; above <see cref="BatchDelayMax"/>, at most <see cref="RequestTimeout"/>.</value>
    public TimeSpan OrderingDelayMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How far a proposed timestamp may be from a backup's clock (rule N-2).</summary>
    /// <value>30 s by default; above 0.</value>
    public TimeSpan TimestampSkewMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a caller inside the silo (the client grain, and the HTTP API behind it) waits for f + 1 equal replies.</summary>
    /// <value>10 s by default; above 0, at most 1 h.</value>
    public TimeSpan ClientTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether replicas keep what they said, so that a restart of any or all of them loses nothing (rule D-1).</summary>
    /// <value><c>None</c> by default: a start is a new cluster; <c>Sync</c> for the silo of a federation. <c>Sync</c> needs <see cref="JournalDirectory"/>.</value>
    public Durability Durability { get; set; }

    /// <summary>Where the journals are kept, a folder for each replica of this process; made where there is none.</summary>
    /// <value>Empty by default, and <c>journal</c> for the silo of a federation. Relative to the working directory, or to the folder of that silo.</value>
    public string JournalDirectory { get; set; } = "";

    /// <summary>Traces and metrics.</summary>
    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>Faults on purpose.</summary>
    public FaultInjectionOptions FaultInjection { get; set; } = new();

    /// <summary>What is wrong with the configuration itself, found while it was read.</summary>
    internal List<string> ConfigurationProblems { get; } = [];

    /// <summary>The options as the protocol takes them.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="Replicas"/> is no size a cluster can have.</exception>
    public ProtocolOptions ToProtocolOptions() => WithCluster(new(Replicas));

    internal ProtocolOptions WithCluster(ClusterSize cluster) => new()
    {
        Cluster = cluster,
        Authentication = Authentication,
        CheckpointInterval = CheckpointInterval,
        LogWindow = LogWindow,
        BatchMax = BatchMax,
        BatchBytesMax = BatchBytesMax,
        BatchDelayMax = BatchDelayMax,
        Pipeline = Pipeline,
        SessionsMax = SessionsMax,
        SessionWindow = SessionWindow,
        SessionReplyBytesMax = SessionReplyBytesMax,
        OperationsMax = OperationsMax,
        RequestBytesMax = RequestBytesMax,
        ResultBytesMax = ResultBytesMax,
        PendingMax = PendingMax,
        PendingBytesMax = PendingBytesMax,
        BusyRetryAfter = BusyRetryAfter,
        RequestTimeout = RequestTimeout,
        StatusInterval = StatusInterval,
        HeartbeatInterval = HeartbeatInterval,
        ViewChangeTimeout = ViewChangeTimeout,
        ViewChangeTimeoutMax = ViewChangeTimeoutMax,
        OrderingDelayMax = OrderingDelayMax,
        TimestampSkewMax = TimestampSkewMax,
    };
}
