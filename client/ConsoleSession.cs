using Microsoft.Extensions.Configuration;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.ClientConsole;

/// <summary>The console's one key, and its connection to a cluster, made when it is first needed and made again when it is lost.</summary>
/// <param name="notices">Takes what a person should know, a line each.</param>
internal sealed class ConsoleSession(TextWriter notices) : IAsyncDisposable
{
    private const string EndpointKey = "Pbft:Client:Endpoint";
    private const string DefaultEndpoint = "http://127.0.0.1:5080";

    private readonly KeyPair _keys = KeyPair.Create();
    private ClusterConnection? _connection;
    private PbftClient? _client;
    private TimeSpan _timeout;
    private ClusterId? _cluster;

    /// <summary>Whether there is a connection that was not lost.</summary>
    public bool IsConnected => _connection?.Transport.State == TransportState.Connected;

    /// <summary>Where the settings say that a silo is: the environment before the file.</summary>
    public static string ConfiguredEndpoint()
    {
        var configuration = new ConfigurationBuilder()
            .SetBasePath(AppContext.BaseDirectory)
            .AddJsonFile("appsettings.json", optional: true)
            .AddEnvironmentVariables()
            .Build();
        return configuration[EndpointKey] ?? DefaultEndpoint;
    }

    /// <summary>The client for the cluster at an endpoint.</summary>
    /// <param name="endpoint">The silo's address.</param>
    /// <param name="timeout">How long a request may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftConnectionException">No cluster answers there.</exception>
    public async Task<PbftClient> ConnectAsync(Uri endpoint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // One that was lost is not waited for: asking afresh tells at once that nobody is there, or that it is another cluster now.
        if (_connection is not null && (_connection.Endpoint != endpoint || _timeout != timeout || !IsConnected))
        {
            await DisconnectAsync();
        }

        if (_client is not null) return _client;
        _connection = await ClusterConnection.ConnectAsync(endpoint, cancellationToken: cancellationToken);
        if (_cluster is { } before && before != _connection.Cluster.Id)
        {
            await notices.WriteLineAsync($"This is another cluster than before: {_connection.Cluster.Id}. Whatever was kept in {before} is not in it.");
        }

        _cluster = _connection.Cluster.Id;
        _timeout = timeout;
        _client = _connection.CreateClient(_keys, new() { RequestTimeout = timeout });
        return _client;
    }

    /// <summary>Forgets the connection; the next verb makes a new one.</summary>
    public async Task DisconnectAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        if (_connection is not null) await _connection.DisposeAsync();
        _client = null;
        _connection = null;
    }

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        _keys.Dispose();
    }
}
