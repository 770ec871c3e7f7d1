using OrleansPbft.Client;
using OrleansPbft.Cryptography;

namespace OrleansPbft.ClientConsole;

/// <summary>Whom the console asks: one silo that has all replicas, or all replicas of a federation with a key that they know.</summary>
internal sealed record ClusterTarget
{
    private ClusterTarget()
    {
    }

    /// <summary>The silo's address; null for a federation.</summary>
    public Uri? Endpoint { get; private init; }

    /// <summary>The client's folder; null for a silo.</summary>
    public string? Folder { get; private init; }

    public static ClusterTarget Silo(Uri endpoint) => new() { Endpoint = endpoint };

    public static ClusterTarget Federation(string folder) => new() { Folder = folder };

    /// <summary>Which cluster it is: as the silo says, or as the folder's file does.</summary>
    public async Task<ClusterInfo> DescribeAsync(CancellationToken cancellationToken)
    {
        if (Endpoint is not null) return await ClusterInfo.FetchAsync(Endpoint, cancellationToken);
        var file = LoadFile();
        return new(file.Membership, file.Options, file.Service);
    }

    /// <summary>Where the replicas stand, by their own account.</summary>
    public Task<StatusDocument> FetchStatusAsync(CancellationToken cancellationToken) =>
        Endpoint is not null ? StatusDocument.FetchAsync(Endpoint, cancellationToken) : StatusDocument.FetchAsync(LoadFile(), cancellationToken);

    /// <summary>A key: of the folder, or a fresh one where every client is served.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Others can read the folder's key, or it is none.</exception>
    public KeyPair CreateKeys() => Folder is null ? KeyPair.Create() : KeyFile.Load(Path.Combine(Folder, ConfigFolder.ClientKey));

    /// <summary>A connection for clients with this key.</summary>
    /// <param name="cluster">As <see cref="DescribeAsync"/> says.</param>
    /// <param name="keys">Of <see cref="CreateKeys"/>; a silo does not ask for it, a federation does.</param>
    /// <param name="verifier">Shared by several connections.</param>
    public ClusterConnection Connect(ClusterInfo cluster, KeyPair? keys, SignatureVerifier? verifier = null) =>
        Endpoint is not null ? new(Endpoint, cluster, verifier: verifier) : new(LoadFile(), keys!, verifier: verifier);

    private ClusterFile LoadFile() => ClusterFile.Load(Path.Combine(Folder!, ConfigFolder.Cluster));
}
