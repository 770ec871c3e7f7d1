using System.Net;
using System.Net.Sockets;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Links.Tests;

/// <summary>A TCP connection's way to a silo that can be cut, so that nothing arrives and nothing breaks.</summary>
internal sealed class Cable : IAsyncDisposable
{
    private readonly ReplicaAddress _to;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly Task _accepting;
    private volatile bool _isCut;

    public Cable(ReplicaAddress to)
    {
        _to = to;
        _listener.Start();
        Address = new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);
        _accepting = AcceptAsync();
    }

    /// <summary>Where its near end is.</summary>
    public ReplicaAddress Address { get; }

    /// <summary>Whether it swallows what is sent, in both directions.</summary>
    public bool IsCut
    {
        get => _isCut;
        set => _isCut = value;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_running);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _running.Add(ConnectAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ConnectAsync(TcpClient near)
    {
        using (near)
        using (var far = new TcpClient())
        {
            try
            {
                await far.ConnectAsync(_to.Host, _to.Port, _stop.Token);
                await await Task.WhenAny(PumpAsync(near.GetStream(), far.GetStream()), PumpAsync(far.GetStream(), near.GetStream()));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
            {
                // One end is gone, and so is the other.
            }
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[8192];
        while (await from.ReadAsync(buffer, _stop.Token) is > 0 and var count)
        {
            if (!_isCut) await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }
}
