using OrleansPbft.Cryptography;

namespace OrleansPbft.Client;

/// <summary>A connection to one cluster, for as many clients as there are to share it. Thread-safe.</summary>
public sealed class ClusterConnection : IAsyncDisposable
{
    private readonly IClusterTransport _transport;
    private readonly TimeProvider? _time;
    private readonly ClientMailboxes _mailboxes;

    /// <summary>Connects, when the first request is sent, to a cluster that is known already.</summary>
    /// <param name="endpoint">The address of one of its silos, such as http://127.0.0.1:5080.</param>
    /// <param name="cluster">The cluster; whoever answers at the address must be it.</param>
    /// <param name="options">How the connection behaves.</param>
    /// <param name="verifier">Shared by all connections of a process, if there are several; its own, when not given.</param>
    /// <param name="time">The clock; the system's, when not given.</param>
    public ClusterConnection(
        Uri endpoint,
        ClusterInfo cluster,
        WebSocketTransportOptions? options = null,
        SignatureVerifier? verifier = null,
        TimeProvider? time = null)
    {
        Endpoint = endpoint;
        Cluster = cluster;
        _transport = new WebSocketClusterTransport(endpoint, cluster, options, time);
        _time = time;
        _mailboxes = new(Cluster, _transport, verifier ?? new(new()), time);
    }

    /// <summary>Connects, when the first request is sent, to every replica of a federation; none of them is trusted alone.</summary>
    /// <param name="file">Who the replicas are, and where they listen. It must have come a way that is trusted.</param>
    /// <param name="keyPair">Who connects: replicas send replies to this client here, from the first moment. Not disposed with the connection.</param>
    /// <param name="options">How the connections behave.</param>
    /// <param name="verifier">Shared by all connections of a process, if there are several; its own, when not given.</param>
    /// <param name="time">The clock; the system's, when not given.</param>
    public ClusterConnection(
        ClusterFile file,
        KeyPair keyPair,
        WebSocketTransportOptions? options = null,
        SignatureVerifier? verifier = null,
        TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(keyPair);
        Cluster = new(file.Membership, file.Options, file.Service);
        _transport = new FederationTransport(file, Cluster, keyPair, options ?? new(), time ?? TimeProvider.System);
        _time = time;
        _mailboxes = new(Cluster, _transport, verifier ?? new(new()), time);
    }

    /// <summary>The silo's address; null where all replicas are asked.</summary>
    public Uri? Endpoint { get; }

    /// <summary>The cluster.</summary>
    public ClusterInfo Cluster { get; }

    /// <summary>The transport under it.</summary>
    public IClusterTransport Transport => _transport;

    /// <summary>Asks a silo which cluster it serves, and makes a connection to that one.</summary>
    /// <exception cref="PbftConnectionException">Nobody answers there, or not with a cluster.</exception>
    public static async Task<ClusterConnection> ConnectAsync(
        Uri endpoint, WebSocketTransportOptions? options = null, CancellationToken cancellationToken = default) =>
        new(endpoint, await ClusterInfo.FetchAsync(endpoint, cancellationToken), options);

    /// <summary>Makes a client with a key of its caller's, who disposes both.</summary>
    public PbftClient CreateClient(KeyPair keyPair, PbftClientOptions? options = null) =>
        new(Cluster, keyPair, _transport, options, _time, _mailboxes);

    /// <summary>Closes the connection; requests that are not answered yet fail.</summary>
    public ValueTask DisposeAsync() => ((IAsyncDisposable)_transport).DisposeAsync();
}
