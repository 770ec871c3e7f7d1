using System.Buffers;
using System.Net.WebSockets;

namespace OrleansPbft.Client.WebSockets;

/// <summary>The receiving half of a link: whole binary messages, within a limit, in one buffer that grows as it must. For one reader.</summary>
/// <param name="messageBytesMax">A longer message is refused before it is read to its end.</param>
internal sealed class MessageReader(int messageBytesMax) : IDisposable
{
    private const int BufferBytesMin = 16 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(BufferBytesMin, messageBytesMax + 1));
    private int _length;
    private long _messages;

    /// <summary>The message last read; overwritten by the next.</summary>
    public ReadOnlyMemory<byte> Message => _buffer.AsMemory(0, _length);

    /// <summary>Whether a part of a message is here and the rest is not. May be asked by any thread.</summary>
    public bool IsInMessage { get; private set; }

    /// <summary>How many messages were read to their end. May be asked by any thread.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    /// <summary>Reads the next message.</summary>
    /// <exception cref="WebSocketException">The connection is lost.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the socket is of no use any more.</exception>
    public async ValueTask<MessageReadResult> ReadAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        _length = 0;
        while (true)
        {
            if (_length == _buffer.Length) Grow();
            var received = await socket.ReceiveAsync(_buffer.AsMemory(_length), cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close) return MessageReadResult.Closed;
            if (received.MessageType != WebSocketMessageType.Binary) return MessageReadResult.NotBinary;
            _length += received.Count;
            IsInMessage = !received.EndOfMessage;
            if (_length > messageBytesMax) return MessageReadResult.TooLarge;
            if (!received.EndOfMessage) continue;
            Interlocked.Increment(ref _messages);
            return MessageReadResult.Message;
        }
    }

    /// <summary>Reads, after a good-bye was said, until it is answered, and looks at nothing: false for one who sends more than may have been under way, and so does
    /// not mean to answer.</summary>
    /// <exception cref="WebSocketException">The connection is lost.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the socket is of no use any more.</exception>
    public async ValueTask<bool> TryDrainAsync(WebSocket socket, long bytesMax, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        while (socket.State is WebSocketState.Open or WebSocketState.CloseSent && await ReadAsync(socket, cancellationToken) != MessageReadResult.Closed)
        {
            bytes += _length;
            if (bytes > bytesMax) return false;
        }

        return true;
    }

    /// <summary>Gives the buffer back; nothing may be reading.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * _buffer.Length, messageBytesMax + 1L));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
