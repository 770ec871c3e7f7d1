using System.Net.WebSockets;
using OrleansPbft.Client;
using OrleansPbft.Client.WebSockets;
using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>One open connection of a client port: reads and verifies in one loop, sends in another, and ends for one cause.</summary>
/// <remarks>Verifying in the reading loop is the back-pressure: who sends faster than this verifies fills its own TCP window.</remarks>
/// <param name="socket">The open connection.</param>
/// <param name="proven">The client whose key TLS has proven: it gets its replies before it has asked here. Null where none is.</param>
/// <param name="gateway">The node behind the port.</param>
/// <param name="options">What the port puts up with.</param>
/// <param name="budget">What rejected envelopes may cost all connections.</param>
/// <param name="metrics">The instruments.</param>
/// <param name="time">The clock.</param>
internal sealed class ClientPortConnection(
    WebSocket socket, ClientId? proven, IClientGateway gateway, ClientPortOptions options, RejectBudget budget, ClientPortMetrics metrics, TimeProvider time)
    : IReplyReceiver, IDisposable
{
    // Whoever would have to wait longer for room in the budget is parted with.
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);

    // So many frames are verified before others get the thread.
    private const int Quantum = 32;

    // So long nothing is read after so many frames that were not looked at: to read them only to drop them would take from the others too. Each that is looked at
    // makes up for some: who is held back now and then, under an overload that is not its own alone, only loses by waiting.
    private const int HeldBackMax = 32;
    private const int LookedAtWorth = 8;
    private static readonly TimeSpan HeldBackPause = TimeSpan.FromMilliseconds(50);

    private readonly WireLimits _limits = gateway.Opener.Limits;
    private readonly FramePump _pump = new(options.ReplyBytesMax, options.PackedBytes);
    private readonly CancellationTokenSource _abort = new(Timeout.InfiniteTimeSpan, time);
    private readonly Queue<ClientId> _clients = []; // of the reading loop, as all below
    private readonly HashSet<ClientId> _isClient = [];
    private IClientLink _link = null!; // set before anything is read
    private readonly ClientPace _pace = new(options.RefusalsPerSecondMax, options.SessionsPerSecondMax, 2 * options.ClientsPerConnectionMax, time);
    private ReadOnlyMemory<byte> _lastEnvelope;
    private TimeSpan _pause; // before the next frame is looked at
    private int _rejects;
    private int _heldBack; // since the last pause for them, less what was made up for

    private readonly Lock _gate = new();
    private CloseCause? _cause; // gate
    private bool _ended; // gate
    private long _lastRequestAt = time.GetTimestamp();
    private (long Number, long At) _message = (-1, 0); // of the timer
    private volatile bool _hasRequested;
    private volatile MessageReader? _reader;

    /// <inheritdoc/>
    public void Send(ReplicaId from, ReadOnlyMemory<byte> envelope)
    {
        // Who asked another replica hears of it here: that is life enough for one who proved who it is.
        if (proven is not null) Volatile.Write(ref _lastRequestAt, time.GetTimestamp());
        if (ReplyHeader.IsRefusal(envelope, _limits, out var refused)) _pace.Charge(refused);
        var dropped = _pump.AddDroppingOldest(from, envelope);
        if (dropped > 0) metrics.OnDropped(dropped);
    }

    /// <summary>Says good-bye once what waits is sent; the connection ends when it is answered, or after a while. The first cause stays.</summary>
    public void BeginClose(CloseCause cause)
    {
        lock (_gate)
        {
            if (_ended || _cause is not null) return;
            _cause = cause;
            _abort.CancelAfter(options.CloseTimeout);
        }

        _pump.Close(cause.Status(), cause.Reason());
    }

    /// <summary>Serves the connection to its end, and says why it ended.</summary>
    public async Task<CloseCause> RunAsync()
    {
        _link = gateway.Attach(this);
        if (proven is { } holder) Greet(holder);
        using var reader = new MessageReader(options.MessageBytesMax);
        _reader = reader;
        var sending = SendAllAsync();
        try
        {
            await using var timer = time.CreateTimer(
                static connection => ((ClientPortConnection)connection!).OnTimer(), this, LookEvery(), LookEvery());
            await ReceiveToTheEndAsync(reader);
        }
        finally
        {
            if (socket.State is not (WebSocketState.CloseReceived or WebSocketState.Closed)) Abort(CloseCause.Lost);
            await sending;
            foreach (var client in _clients) _link.Unregister(client);
        }

        lock (_gate) return _cause!.Value;
    }

    private void Greet(ClientId client)
    {
        if (gateway.Opener.Allows(client))
        {
            Register(client);
            _hasRequested = true;
            return;
        }

        metrics.OnRejected(RejectReason.ClientNotAllowed);
        SayNotListed(client);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            _abort.Dispose();
        }
    }

    private async Task ReceiveToTheEndAsync(MessageReader reader)
    {
        try
        {
            BeginClose(await ReceiveAllAsync(reader));
            if (!await reader.TryDrainAsync(socket, options.MessageBytesMax, _abort.Token)) Abort(CloseCause.Lost);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            BeginClose(CloseCause.Lost); // unless it ended for another cause before
        }
    }

    private async Task<CloseCause> ReceiveAllAsync(MessageReader reader)
    {
        while (true)
        {
            switch (await reader.ReadAsync(socket, _abort.Token))
            {
                case MessageReadResult.Closed: return CloseCause.ByClient;
                case MessageReadResult.NotBinary: return CloseCause.NotBinary;
                case MessageReadResult.TooLarge:
                    metrics.OnRejected(RejectReason.TooLarge);
                    return CloseCause.MessageTooLarge;
            }

            var position = 0;
            do
            {
                if (OnFrames(reader.Message, ref position) is { } cause) return cause;
                if (_pause > TimeSpan.Zero) await PauseAsync();
                else if (position < reader.Message.Length) await Task.Yield();
            }
            while (position < reader.Message.Length);
            _lastEnvelope = default;
        }
    }

    private Task PauseAsync()
    {
        var pause = _pause;
        _pause = TimeSpan.Zero;
        return Task.Delay(pause, time, _abort.Token);
    }

    private async Task SendAllAsync()
    {
        try
        {
            await _pump.RunAsync(socket, options.SilenceMax, time, onUnread: () => Abort(CloseCause.NotReading), _abort.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            Abort(CloseCause.Lost); // nothing can be sent any more, not even a good-bye
        }
    }

    private void Abort(CloseCause cause)
    {
        BeginClose(cause);
        lock (_gate)
        {
            if (!_ended) _abort.Cancel();
        }
    }

    private CloseCause? OnFrames(ReadOnlyMemory<byte> message, ref int position)
    {
        var frames = new WireReader(message[position..]);
        for (var i = 0; i < Quantum; i++)
        {
            LinkNotice.TryReadTrace(ref frames, out var traceParent);
            var reason = LinkFrame.TryRead(ref frames, _limits.Replicas, _limits.RequestBytesMax, out var to, out var envelope);
            if (reason != RejectReason.None)
            {
                metrics.OnRejected(reason);
                return CloseCause.BadFrame;
            }

            reason = TryAdmit(to, envelope, traceParent);
            if (reason != RejectReason.None)
            {
                metrics.OnRejected(reason);
                _pause = budget.Charge();
                if (++_rejects > options.RejectsMax || _pause > PauseMax) return CloseCause.TooManyRejects;
            }

            if (frames.Remaining == 0 || _pause > TimeSpan.Zero) break;
        }

        position += frames.Position;
        return null;
    }

    /// <summary>Hands an authentic request or read to its replica; anything else stays here, with its reason.</summary>
    private RejectReason TryAdmit(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent)
    {
        if (!gateway.Serves(to)) return RejectReason.SenderNotInCluster;

        // A request or read that goes to all replicas comes once for each: verified and copied once.
        if (_lastEnvelope.IsEmpty || !envelope.Span.SequenceEqual(_lastEnvelope.Span))
        {
            var reason = EnvelopeFrame.TryRead(envelope, _limits, out var frame);
            if (reason != RejectReason.None) return reason;
            var isOfClients = EnvelopeEncoding.IsOfClients(frame.Kind) || (frame.Kind == MessageKind.SessionKey && frame.IsFromClient);
            if (!isOfClients) return RejectReason.WrongSender;
            if (frame.Cluster != gateway.Cluster) return RejectReason.WrongCluster;

            var claimed = ClientId.Of(frame.ClientKey.Span);
            var opensSession = MessageEncoding.SaysToOpenSession(frame);
            if (_pace.IsHeldBack(claimed, opensSession))
            {
                metrics.OnHeldBack();
                HoldBack();
                return RejectReason.None;
            }

            _heldBack = Math.Max(0, _heldBack - LookedAtWorth);
            if (_pace.IsRepeated(frame.Signature.Span)) _pace.Charge(claimed);
            ReadOnlyMemory<byte> copy = envelope.ToArray(); // replicas keep it; the buffer is read into again
            reason = gateway.OpenerOf(to).TryOpenOfClient(copy, out var client);
            if (reason == RejectReason.ClientNotAllowed) SayNotListed(claimed);
            if (reason != RejectReason.None) return reason;
            if (opensSession) _pace.ChargeOpening(client);
            _lastEnvelope = copy;
            Register(client);
        }

        Volatile.Write(ref _lastRequestAt, time.GetTimestamp());
        _hasRequested = true;
        metrics.OnRequest(); // before the answer that may come at once
        _link.Deliver(to, _lastEnvelope, traceParent);
        return RejectReason.None;
    }

    private void HoldBack()
    {
        if (++_heldBack < HeldBackMax) return;
        _heldBack = 0;
        _pause = HeldBackPause;
    }

    private void SayNotListed(ClientId client)
    {
        var dropped = _pump.AddDroppingOldest(new(LinkNotice.Replica), LinkNotice.OfNotListed(client));
        if (dropped > 0) metrics.OnDropped(dropped);
    }

    private void Register(ClientId client)
    {
        if (_isClient.Add(client))
        {
            if (_clients.Count == options.ClientsPerConnectionMax)
            {
                var first = _clients.Dequeue();
                _isClient.Remove(first);
                _link.Unregister(first);
            }

            _clients.Enqueue(client);
        }

        _link.Register(client); // each time: the node forgets those that are quiet longest
    }

    /// <summary>Looks now and then whether the client still says something, and to the end.</summary>
    private void OnTimer()
    {
        var limit = _hasRequested ? options.IdleTimeout : options.FirstRequestTimeout;
        if (time.GetElapsedTime(Volatile.Read(ref _lastRequestAt)) >= limit) BeginClose(CloseCause.Idle);
        if (_reader is not { IsInMessage: true, Messages: var number }) return;

        // Its time begins when it is first seen here, so a message gets up to half as much again.
        if (_message.Number != number) _message = (number, time.GetTimestamp());
        else if (time.GetElapsedTime(_message.At) >= options.MessageTimeout) BeginClose(CloseCause.MessageTimeout);
    }

    private TimeSpan LookEvery()
    {
        var shortest = options.FirstRequestTimeout < options.IdleTimeout ? options.FirstRequestTimeout : options.IdleTimeout;
        return (shortest < options.MessageTimeout ? shortest : options.MessageTimeout) / 2;
    }
}
