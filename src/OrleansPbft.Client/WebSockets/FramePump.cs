using System.Buffers;
using System.Net.WebSockets;
using OrleansPbft.Core;

namespace OrleansPbft.Client.WebSockets;

/// <summary>The sending half of a link: envelopes wait in a bounded queue and leave packed, many to a message. Thread-safe.</summary>
/// <param name="bytesMax">The most bytes that wait.</param>
/// <param name="messageBytes">How large a message is packed; one larger frame is a message of its own.</param>
/// <param name="isMoreLikely">Whether more may be added in a moment, which a little then waits for; null for never.</param>
internal sealed class FramePump(int bytesMax, int messageBytes, Func<bool>? isMoreLikely = null)
{
    // So often what is there lets other work of the process go first, where more is likely, and no longer than until there is so much.
    private const int GatherTurns = 2;
    private const int GatherBytes = 4 << 10;

    private readonly Lock _gate = new();
    private readonly OutgoingFrames _frames = new(bytesMax); // gate
    private TaskCompletionSource? _asleep; // gate; null while the pump works
    private (WebSocketCloseStatus Status, string Reason)? _close; // gate

    /// <summary>Bytes that wait.</summary>
    public int Bytes
    {
        get
        {
            lock (_gate) return _frames.Bytes;
        }
    }

    /// <summary>Takes an envelope for each replica of a set; what finds no room is lost. False when all is.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="envelope">Must not change any more.</param>
    /// <param name="notice">Goes right before it, each time; null for none.</param>
    public bool TryAdd(ReplicaSet to, ReadOnlyMemory<byte> envelope, byte[]? notice = null)
    {
        var any = false;
        lock (_gate)
        {
            foreach (var replica in to) any |= notice is null ? _frames.TryAdd(replica, envelope) : _frames.TryAdd(replica, envelope, notice);
            if (any) Wake();
        }

        return any;
    }

    /// <summary>Takes an envelope, in place of older ones where there is no room.</summary>
    /// <param name="replica">Where it goes, or where it is from.</param>
    /// <param name="envelope">Must not change any more.</param>
    /// <param name="notice">Goes right before it; null for none.</param>
    /// <returns>How many were lost.</returns>
    public int AddDroppingOldest(ReplicaId replica, ReadOnlyMemory<byte> envelope, byte[]? notice = null)
    {
        lock (_gate)
        {
            var dropped = notice is null ? 0 : _frames.AddDroppingOldest(new(LinkNotice.Replica), notice);
            dropped += _frames.AddDroppingOldest(replica, envelope);
            Wake();
            return dropped;
        }
    }

    /// <summary>Drops the oldest envelopes until no more than <paramref name="bytes"/> wait.</summary>
    /// <returns>How many were lost.</returns>
    public int DropOldest(int bytes)
    {
        lock (_gate) return _frames.DropOldest(bytes);
    }

    /// <summary>Says good-bye once all that waits has been sent. The first caller's words are sent.</summary>
    public void Close(WebSocketCloseStatus status, string reason)
    {
        lock (_gate)
        {
            _close ??= (status, reason);
            Wake();
        }
    }

    /// <summary>Sends until it said good-bye, or fails as the socket does. Runs once at a time; after a failure it may run again on another
    /// socket, with what waits. What was being sent is lost.</summary>
    /// <param name="socket">An open socket that nobody else sends on.</param>
    /// <param name="sendTimeout">How long the other side may leave one message unread.</param>
    /// <param name="time">The clock for it.</param>
    /// <param name="onUnread">Called when it leaves one unread for longer; should cancel.</param>
    /// <param name="cancellationToken">Stops at once.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="WebSocketException">The connection is lost.</exception>
    public async Task RunAsync(WebSocket socket, TimeSpan sendTimeout, TimeProvider time, Action onUnread, CancellationToken cancellationToken)
    {
        await using var unread = time.CreateTimer(
            static onUnread => ((Action)onUnread!)(), onUnread, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var buffer = ArrayPool<byte>.Shared.Rent(messageBytes);
        try
        {
            while (true)
            {
                var bytes = TakeMessage(ref buffer, out var close, out var asleep);
                if (asleep is not null)
                {
                    await asleep.WaitAsync(cancellationToken);
                    if (isMoreLikely is not null) await GatherAsync(isMoreLikely);
                    continue;
                }

                unread.Change(sendTimeout, Timeout.InfiniteTimeSpan);
                if (close is { } goodBye)
                {
                    await socket.CloseOutputAsync(goodBye.Status, goodBye.Reason, cancellationToken);
                    return;
                }

                await socket.SendAsync(buffer.AsMemory(0, bytes), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
                unread.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A message costs both sides more than a frame in it: what is about to be added goes along.</summary>
    private async ValueTask GatherAsync(Func<bool> isMoreLikely)
    {
        for (var i = 0; i < GatherTurns && Bytes < GatherBytes && isMoreLikely(); i++) await Task.Yield();
    }

    private int TakeMessage(ref byte[] buffer, out (WebSocketCloseStatus Status, string Reason)? close, out Task? asleep)
    {
        lock (_gate)
        {
            var bytes = _frames.NextMessageBytes(messageBytes);
            close = bytes == 0 ? _close : null;
            _asleep = bytes == 0 && close is null ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;
            asleep = _asleep?.Task;
            if (bytes > buffer.Length)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = ArrayPool<byte>.Shared.Rent(bytes);
            }

            _frames.TakeMessage(buffer.AsSpan(0, bytes));
            return bytes;
        }
    }

    private void Wake()
    {
        _asleep?.SetResult();
        _asleep = null;
    }
}
