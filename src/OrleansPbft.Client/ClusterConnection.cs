using OrleansPbft.Cryptography;

namespace OrleansPbft.Client;

/// <summary>A connection to one cluster, for as many clients as there are to share it. Thread-safe.</summary>
public sealed class ClusterConnection : IAsyncDisposable
{
    private readonly WebSocketClusterTransport _transport;
    private readonly SignatureVerifier _verifier;
    private readonly TimeProvider? _time;

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
        _transport = new(endpoint, cluster, options, time);
        _verifier = verifier ?? new(new());
        _time = time;
    }

    /// <summary>The silo's address.</summary>
    public Uri Endpoint { get; }

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
        new(Cluster, keyPair, _transport, _verifier, options, _time);

    /// <summary>Closes the connection; requests that are not answered yet fail.</summary>
    public ValueTask DisposeAsync() => _transport.DisposeAsync();
}
