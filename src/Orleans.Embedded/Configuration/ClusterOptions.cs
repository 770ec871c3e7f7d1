namespace Orleans.Configuration;

/// <summary>Names of the cluster and of the service it runs. Descriptive only: one process has nobody to tell apart.</summary>
public class ClusterOptions
{
    /// <summary>The cluster's name.</summary>
    /// <value>"dev" by default.</value>
    public string ClusterId { get; set; } = "dev";

    /// <summary>The service's name.</summary>
    /// <value>"dev" by default.</value>
    public string ServiceId { get; set; } = "dev";
}
