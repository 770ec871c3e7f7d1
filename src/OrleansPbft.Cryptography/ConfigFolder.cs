namespace OrleansPbft.Cryptography;

/// <summary>The names of the files in the folders that organisations and clients of a federation keep.</summary>
public static class ConfigFolder
{
    /// <summary>The public description of the cluster, the same everywhere.</summary>
    public const string Cluster = "cluster.json";

    /// <summary>The clients that are served in the access mode Listed, the same at all replicas.</summary>
    public const string Clients = "clients.txt";

    /// <summary>A replica's private key. Of that organisation alone.</summary>
    public const string ReplicaKey = "replica.pem";

    /// <summary>A replica's certificate.</summary>
    public const string Certificate = "certificate.pem";

    /// <summary>A client's private key: in a replica's folder, that of its HTTP API.</summary>
    public const string ClientKey = "client.pem";

    /// <summary>Settings of one silo, above those that the program has.</summary>
    public const string Settings = "appsettings.json";
}
