namespace OrleansPbft.Core;

/// <summary>How a client session behaves.</summary>
public sealed record ClientSessionOptions
{
    /// <summary>n and its thresholds.</summary>
    public required ClusterSize Cluster { get; init; }

    /// <summary>W: how many requests may be in flight; the cluster's <see cref="ProtocolOptions.SessionWindow"/>.</summary>
    public int Window { get; init; } = 64;

    /// <summary>How long the first wait for f + 1 equal replies is, before the request goes to all replicas.</summary>
    /// <value>1 s by default. Below the replicas' request time-out, so that a lost message is no suspicion.</value>
    public TimeSpan RetransmitAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Waits double up to this.</summary>
    /// <value>8 s by default.</value>
    public TimeSpan RetransmitAfterMax { get; init; } = TimeSpan.FromSeconds(8);
}
