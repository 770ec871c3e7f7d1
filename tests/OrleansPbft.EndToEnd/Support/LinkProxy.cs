using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace OrleansPbft.EndToEnd;

/// <summary>A piece of network between two processes: everything that one sends to an address of the other goes through here, and can be cut, held up or delayed.</summary>
internal sealed class LinkProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<TcpClient> _open = []; // gate
    private readonly List<Task> _connections = []; // gate
    private readonly Task _accepting;
    private volatile bool _isCut;
    private volatile TaskCompletionSource? _held;
    private long _delayTicks;

    /// <summary>Listens on a port of its own, and connects to another for each who comes.</summary>
    public LinkProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens, on loopback.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How long each byte is under way, either way.</summary>
    public TimeSpan Delay
    {
        get => new(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    /// <summary>Ends all connections, and every new one at once.</summary>
    public void Cut()
    {
        _isCut = true;
        lock (_gate)
        {
            foreach (var one in _open) Reset(one);
        }
    }

    /// <summary>Lets nothing through from now on, neither way, and ends no connection: those at the ends must find out by themselves.</summary>
    public void Hold() => _held ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>All is as it was; what was held up arrives.</summary>
    public void Heal()
    {
        _isCut = false;
        Interlocked.Exchange(ref _held, null)?.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
        Heal();
        await _accepting;
        Task[] connections;
        lock (_gate) connections = [.. _connections];
        await Task.WhenAll(connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var from = await _listener.AcceptTcpClientAsync(_stop.Token);
                lock (_gate) _connections.Add(ServeAsync(from));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // It was stopped.
        }
    }

    private async Task ServeAsync(TcpClient from)
    {
        using var to = new TcpClient();
        try
        {
            Add(from);
            Add(to);
            if (_isCut) return;
            await to.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            from.NoDelay = to.NoDelay = true;
            var forth = PumpAsync(from, to);
            var back = PumpAsync(to, from);
            var first = await Task.WhenAny(forth, back);
            await first; // it may have failed: then all is over
            await (first == forth ? back : forth);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // One side is gone; so is the other.
        }
        finally
        {
            lock (_gate)
            {
                _open.Remove(from);
                _open.Remove(to);
            }

            Reset(from);
            Reset(to);
        }
    }

    private void Add(TcpClient one)
    {
        lock (_gate) _open.Add(one);
    }

    /// <summary>Reads and writes are apart, so that a delay costs no throughput.</summary>
    private async Task PumpAsync(TcpClient from, TcpClient to)
    {
        var underWay = Channel.CreateBounded<(byte[] Bytes, DateTime Due)>(1024);
        var writing = WriteAsync(to.GetStream(), underWay.Reader);
        var buffer = new byte[64 << 10];
        try
        {
            int read;
            while (!writing.IsCompleted && (read = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0)
            {
                await underWay.Writer.WriteAsync((buffer[..read], DateTime.UtcNow + Delay), _stop.Token);
            }
        }
        finally
        {
            underWay.Writer.Complete();
        }

        await writing;
        to.Client?.Shutdown(SocketShutdown.Send); // none where the connection was cut meanwhile
    }

    private async Task WriteAsync(NetworkStream to, ChannelReader<(byte[] Bytes, DateTime Due)> underWay)
    {
        await foreach (var (bytes, due) in underWay.ReadAllAsync(_stop.Token))
        {
            if (due - DateTime.UtcNow is var left && left > TimeSpan.Zero) await Task.Delay(left, _stop.Token);
            if (_held is { } held) await held.Task;
            await to.WriteAsync(bytes, _stop.Token);
        }
    }

    /// <summary>Without a good-bye, and without waiting for what is not sent yet.</summary>
    private static void Reset(TcpClient one)
    {
        try
        {
            if (one.Client is { } socket) socket.LingerState = new(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was closed already.
        }

        one.Dispose();
    }
}
