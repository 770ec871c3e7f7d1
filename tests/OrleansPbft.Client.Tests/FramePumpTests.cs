using System.Net.WebSockets;
using OrleansPbft.Client.WebSockets;
using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>The sending half of a link: what leaves together, and what does not wait.</summary>
public sealed class FramePumpTests : IDisposable
{
    private readonly RecordedSocket _socket = new();
    private readonly CancellationTokenSource _stop = new();

    [Fact]
    public async Task What_is_about_to_be_added_goes_along()
    {
        var asked = 0;
        FramePump pump = null!;
        pump = new(1 << 20, 64 << 10, isMoreLikely: () =>
        {
            Add(pump, (byte)++asked); // what other work of the process makes meanwhile
            return true;
        });
        var running = Run(pump);

        Add(pump, 0);

        Assert.Equal("0 1 2", Frames(await _socket.NextAsync())); // and no longer than two turns
        await EndAsync(running);
    }

    [Fact]
    public async Task Nothing_waits_where_no_more_is_likely()
    {
        var pump = new FramePump(1 << 20, 64 << 10, isMoreLikely: static () => false);
        var running = Run(pump);

        Add(pump, 1);
        Assert.Equal("1", Frames(await _socket.NextAsync()));
        Add(pump, 2);

        Assert.Equal("2", Frames(await _socket.NextAsync()));
        await EndAsync(running);
    }

    [Fact]
    public async Task Much_does_not_wait_for_more()
    {
        var asked = 0;
        var pump = new FramePump(1 << 20, 64 << 10, isMoreLikely: () => ++asked > 0);
        var running = Run(pump);

        Assert.True(pump.TryAdd(ReplicaSet.Empty.With(new(1)), new byte[4 << 10]));

        await _socket.NextAsync();
        Assert.Equal(0, asked);
        await EndAsync(running);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _stop.Dispose();
    }

    private static void Add(FramePump pump, byte content) => Assert.True(pump.TryAdd(ReplicaSet.Empty.With(new(1)), new[] { content }));

    private static string Frames(ReadOnlyMemory<byte> message)
    {
        var reader = new WireReader(message);
        var contents = new List<byte>();
        while (reader.Remaining > 0)
        {
            Assert.Equal(RejectReason.None, LinkFrame.TryRead(ref reader, 4, 1 << 20, out _, out var envelope));
            contents.Add(envelope.Span[0]);
        }

        return string.Join(' ', contents);
    }

    /// <summary>Runs it until it sleeps, which is before it gives itself back: from here on the first frame wakes it.</summary>
    private Task Run(FramePump pump) => pump.RunAsync(_socket, TimeSpan.FromMinutes(1), TimeProvider.System, static () => { }, _stop.Token);

    private async Task EndAsync(Task running)
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    /// <summary>A socket that takes everything, and shows it.</summary>
    private sealed class RecordedSocket : WebSocket
    {
        private readonly System.Threading.Channels.Channel<byte[]> _messages = System.Threading.Channels.Channel.CreateUnbounded<byte[]>();

        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => WebSocketState.Open;

        public override string? SubProtocol => null;

        public Task<byte[]> NextAsync() => _messages.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().InTime();

        public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
        {
            Assert.True(_messages.Writer.TryWrite([.. buffer]));
            return Task.CompletedTask;
        }

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Abort()
        {
            // Nothing is under way.
        }

        public override void Dispose() => _messages.Writer.TryComplete();
    }
}
