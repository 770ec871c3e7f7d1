using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>How links between replicas behave. Together these bound what one peer can make a silo keep.</summary>
public sealed class ReplicaLinkOptions
{
    /// <summary>Where the silo listens for its peers and for clients, over TLS, as <c>0.0.0.0:7000</c>.</summary>
    /// <value>Empty by default: the replica's address in the cluster file.</value>
    public string Listen { get; set; } = "";

    /// <summary>The most bytes that wait for one peer; beyond it the oldest are dropped and counted. All that is said is said again while it matters (VC-9).</summary>
    /// <value>16 MiB by default; at least the largest envelope, at most 1 GiB.</value>
    public int QueueBytesMax { get; set; } = 16 << 20;

    /// <summary>The same while there is no connection: old votes help nobody, and a peer that returns has better things to verify.</summary>
    /// <value>256 KiB by default; 0 to <see cref="QueueBytesMax"/>.</value>
    public int OfflineQueueBytesMax { get; set; } = 256 << 10;

    /// <summary>How large a message is packed when many envelopes wait.</summary>
    /// <value>64 KiB by default; 1 KiB to 1 MiB.</value>
    public int PackedBytes { get; set; } = 64 << 10;

    /// <summary>How long one attempt to connect may take.</summary>
    /// <value>5 s by default; above 0, at most 1 min.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to wait, on average, before the first attempt to connect again; it doubles with every failure.</summary>
    /// <value>100 ms by default; above 0, at most <see cref="ReconnectAfterMax"/>.</value>
    public TimeSpan ReconnectAfter { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits double up to this. A peer that connects itself is tried at once.</summary>
    /// <value>5 s by default; at most 1 min.</value>
    public TimeSpan ReconnectAfterMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a peer may leave a message unread or a ping unanswered before its link counts as dead.</summary>
    /// <value>5 s by default; above 0, at most 1 min.</value>
    public TimeSpan SilenceMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many envelopes of one link may be rejected, for what no correct peer sends, before it is closed.</summary>
    /// <value>64 by default; 0 or more.</value>
    public int RejectsMax { get; set; } = 64;

    /// <summary>How long a peer whose link was closed for what it sent is refused; it doubles each time, up to <see cref="PenaltyMax"/>.</summary>
    /// <value>1 s by default; above 0, at most <see cref="PenaltyMax"/>.</value>
    public TimeSpan Penalty { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most that <see cref="Penalty"/> becomes.</summary>
    /// <value>1 min by default; at most 1 h.</value>
    public TimeSpan PenaltyMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Every contradiction in these options, as sentences for the person who set them; empty when there is none.</summary>
    /// <param name="limits">The cluster's; null when they are not known yet.</param>
    public IReadOnlyList<string> Problems(WireLimits? limits = null)
    {
        var problems = new List<string>();
        var queueMin = limits is null ? 1 : LinkFrame.BytesOf(limits.EnvelopeBytesMax);
        Require(
            QueueBytesMax >= queueMin && QueueBytesMax <= 1 << 30,
            $"Links:QueueBytesMax ({QueueBytesMax}) must be {queueMin} to 1073741824: the cluster's largest envelope must find room.");
        Require(
            OfflineQueueBytesMax >= 0 && OfflineQueueBytesMax <= QueueBytesMax,
            $"Links:OfflineQueueBytesMax ({OfflineQueueBytesMax}) must be 0 to QueueBytesMax ({QueueBytesMax}).");
        Require(PackedBytes is >= 1024 and <= (1 << 20), $"Links:PackedBytes ({PackedBytes}) must be 1024 to 1048576.");
        Require(RejectsMax >= 0, $"Links:RejectsMax ({RejectsMax}) must be 0 or more.");
        RequireTime(ConnectTimeout, nameof(ConnectTimeout), TimeSpan.FromMinutes(1));
        RequireTime(ReconnectAfterMax, nameof(ReconnectAfterMax), TimeSpan.FromMinutes(1));
        RequireTime(ReconnectAfter, nameof(ReconnectAfter), ReconnectAfterMax);
        RequireTime(SilenceMax, nameof(SilenceMax), TimeSpan.FromMinutes(1));
        RequireTime(PenaltyMax, nameof(PenaltyMax), TimeSpan.FromHours(1));
        RequireTime(Penalty, nameof(Penalty), PenaltyMax);
        return problems;

        void RequireTime(TimeSpan value, string name, TimeSpan most) =>
            Require(value > TimeSpan.Zero && value <= most, $"Links:{name} ({value}) must be above 0, and at most {most}.");

        void Require(bool holds, string problem)
        {
            if (!holds) problems.Add(problem);
        }
    }
}
