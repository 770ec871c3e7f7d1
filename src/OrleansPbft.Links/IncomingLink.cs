using System.Net.WebSockets;
using OrleansPbft.Client.WebSockets;
using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>One open link from a peer: read to its end, and parted with for one cause. Nothing is said on it but good-bye.</summary>
internal sealed class IncomingLink(
    ReplicaId peer, WebSocket socket, LinkIdentity self, IPeerInbox inbox, ReplicaLinkOptions options, ReplicaLinkMetrics metrics, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    // So much is read after the good-bye: what may have been under way.
    private const long UnreadBytesMax = 1 << 20;

    // So long a peer is held up at a time, where there is no room for what it sends.
    private static readonly TimeSpan HoldUp = TimeSpan.FromMilliseconds(2);

    private readonly CancellationTokenSource _abort = new();
    private readonly Lock _gate = new();
    private LinkEnd? _end; // gate
    private Task _goodBye = Task.CompletedTask; // gate
    private int _rejects;

    /// <summary>An envelope of it was rejected for what no correct peer sends.</summary>
    public void OnRejected()
    {
        if (Interlocked.Increment(ref _rejects) > options.RejectsMax) BeginClose(LinkEnd.TooManyRejects);
    }

    /// <summary>Says good-bye; the link ends when it is answered, or after a while. The first cause stays.</summary>
    public void BeginClose(LinkEnd end)
    {
        lock (_gate)
        {
            if (_end is not null) return;
            _end = end;
            _goodBye = end is LinkEnd.Lost or LinkEnd.ByPeer ? Task.CompletedTask : Task.Run(() => SayGoodByeAsync(end));
        }

        if (end == LinkEnd.TooManyRejects) inbox.Forget(peer);
    }

    /// <summary>Reads to the end, and says why it ended.</summary>
    public async Task<LinkEnd> RunAsync()
    {
        using var reader = new MessageReader(Math.Max(1 << 20, LinkFrame.BytesOf(self.Limits.EnvelopeBytesMax)));
        try
        {
            BeginClose(await ReceiveAllAsync(reader));
            if (!await reader.TryDrainAsync(socket, UnreadBytesMax, _abort.Token)) await _abort.CancelAsync();
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            BeginClose(LinkEnd.Lost); // unless it ended for another cause before
        }

        Task goodBye;
        lock (_gate) goodBye = _goodBye;
        await goodBye;
        lock (_gate) return _end!.Value;
    }

    public void Dispose() => _abort.Dispose();

    private async Task SayGoodByeAsync(LinkEnd end)
    {
        _abort.CancelAfter(CloseTimeout);
        try
        {
            await socket.CloseOutputAsync(end.Status(), end.ToString(), _abort.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            await _abort.CancelAsync(); // it is gone: nothing comes any more
        }
    }

    private async Task<LinkEnd> ReceiveAllAsync(MessageReader reader)
    {
        while (true)
        {
            switch (await reader.ReadAsync(socket, _abort.Token))
            {
                case MessageReadResult.Closed: return LinkEnd.ByPeer;
                case MessageReadResult.NotBinary: return LinkEnd.NotBinary;
                case MessageReadResult.TooLarge: return LinkEnd.MessageTooLarge;
            }

            lock (_gate)
            {
                if (_end is { } end) return end; // parted with meanwhile: nothing more of it is looked at
            }

            if (!Deliver(reader.Message)) return LinkEnd.BadFrame;
            while (!inbox.HasRoom(peer)) await Task.Delay(HoldUp, time, _abort.Token);
        }
    }

    private bool Deliver(ReadOnlyMemory<byte> message)
    {
        var frames = new WireReader(message);
        var envelopes = 0;
        do
        {
            LinkNotice.TryReadTrace(ref frames, out var traceParent);
            var reason = LinkFrame.TryRead(ref frames, self.Limits.Replicas, self.Limits.EnvelopeBytesMax, out var to, out var envelope);
            if (reason != RejectReason.None || to != self.Replica) return false;
            inbox.Deliver(peer, envelope.ToArray(), traceParent); // a copy: the replica keeps it, and the buffer is read into again
            envelopes++;
        }
        while (frames.Remaining > 0);
        metrics.OnReceived(envelopes, message.Length);
        return true;
    }
}
