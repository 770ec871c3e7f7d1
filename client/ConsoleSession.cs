using Microsoft.Extensions.Configuration;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.ClientConsole;

/// <summary>The console's one key for each cluster, and its connection to a cluster, made when it is first needed and made again when it is lost.</summary>
/// <param name="notices">Takes what a person should know, a line each.</param>
internal sealed class ConsoleSession(TextWriter notices) : IAsyncDisposable
{
    private const string EndpointKey = "Pbft:Client:Endpoint";
    private const string FolderKey = "Pbft:Client:Config";
    private const string TokenKey = "Pbft:Client:Token";
    private const string DefaultEndpoint = "http://127.0.0.1:5080";

    private KeyPair? _keys;
    private ClusterTarget? _keysOf;
    private ClusterTarget? _target;
    private ClusterConnection? _connection;
    private PbftClient? _client;
    private TimeSpan _timeout;
    private ClusterId? _cluster;

    /// <summary>Whether there is a connection that was not lost.</summary>
    public bool IsConnected => _connection?.Transport.State == TransportState.Connected;

    /// <summary>Whom the settings say to ask: the environment before the file, a folder before an address.</summary>
    public static (string? Folder, string Endpoint) ConfiguredTarget()
    {
        var configuration = Configuration();
        return (configuration[FolderKey] is { Length: > 0 } folder ? folder : null, configuration[EndpointKey] ?? DefaultEndpoint);
    }

    /// <summary>The token of the silo (<c>Pbft:Http:Token</c> there), for what is asked of its operator's API; null where the settings say none.</summary>
    public static string? ConfiguredToken() => Configuration()[TokenKey] is { Length: > 0 } token ? token : null;

    private static IConfigurationRoot Configuration() => new ConfigurationBuilder()
        .SetBasePath(AppContext.BaseDirectory)
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables()
        .Build();

    /// <summary>The client for a cluster.</summary>
    /// <param name="target">Whom to ask.</param>
    /// <param name="timeout">How long a request may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftConnectionException">No cluster answers there.</exception>
    public async Task<PbftClient> ConnectAsync(ClusterTarget target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // One that was lost is not waited for: asking afresh tells at once that nobody is there, or that it is another cluster now.
        if (_connection is not null && (_target != target || _timeout != timeout || !IsConnected))
        {
            await DisconnectAsync();
        }

        if (_client is not null) return _client;
        var cluster = await target.DescribeAsync(cancellationToken);
        var keys = KeysOf(target);
        _connection = target.Connect(cluster, keys);
        if (_cluster is { } before && before != cluster.Id)
        {
            await notices.WriteLineAsync($"This is another cluster than before: {cluster.Id}. Whatever was kept in {before} is not in it.");
        }

        _cluster = cluster.Id;
        _target = target;
        _timeout = timeout;
        _client = _connection.CreateClient(keys, new() { RequestTimeout = timeout });
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
        _keys?.Dispose();
    }

    private KeyPair KeysOf(ClusterTarget target)
    {
        if (_keys is null || _keysOf?.Folder != target.Folder)
        {
            var keys = target.CreateKeys();
            _keys?.Dispose();
            (_keys, _keysOf) = (keys, target);
        }

        return _keys;
    }
}
