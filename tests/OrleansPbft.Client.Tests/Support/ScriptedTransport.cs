using System.Threading.Channels;
using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>What a client sent.</summary>
internal sealed record Sent(RequestId Request, ReplicaSet To, ReadOnlyMemory<byte> Envelope, bool IsRead = false, string? TraceParent = null);

/// <summary>A network in memory: a test sees what is sent, and says what arrives and when there is a connection.</summary>
internal sealed class ScriptedTransport(WireLimits limits) : IClusterTransport
{
    private readonly Channel<Sent> _sent = Channel.CreateUnbounded<Sent>();
    private readonly List<IEnvelopeReceiver> _receivers = [];

    public TransportState State { get; set; } = TransportState.Connected;

    public string? Problem { get; set; }

    /// <summary>Sees every request that is sent, on the sender's thread; what it returns is delivered at once.</summary>
    public Func<Sent, IEnumerable<byte[]>>? Answer { get; set; }

    public bool Send(ReplicaSet to, ReadOnlyMemory<byte> envelope, string? traceParent)
    {
        if (State != TransportState.Connected) return false;
        Assert.Equal(RejectReason.None, EnvelopeFrame.TryRead(envelope, limits, out var frame));
        var sent = (frame.Kind == MessageKind.Read ? ReadOf(frame, to) : RequestOf(frame, to)) with { TraceParent = traceParent };
        if (Answer is null) Assert.True(_sent.Writer.TryWrite(sent));
        else foreach (var reply in Answer(sent)) Deliver(reply);
        return true;
    }

    private Sent RequestOf(in EnvelopeFrame frame, ReplicaSet to)
    {
        Assert.Equal(RejectReason.None, MessageEncoding.TryReadRequest(frame, limits, ClientId.Of(frame.ClientKey.Span), out var request));
        return new(request!.Id, to, frame.Envelope);
    }

    private Sent ReadOf(in EnvelopeFrame frame, ReplicaSet to)
    {
        Assert.Equal(RejectReason.None, MessageEncoding.TryReadRead(frame, limits, ClientId.Of(frame.ClientKey.Span), out var read));
        return new(new(read!.Client, SessionId.None, read.Number), to, frame.Envelope, IsRead: true);
    }

    public IDisposable Attach(ClientId client, IEnvelopeReceiver receiver)
    {
        _receivers.Add(receiver);
        return new Attachment(() => _receivers.Remove(receiver));
    }

    public void Deliver(params ReadOnlySpan<byte[]> envelopes)
    {
        foreach (var envelope in envelopes)
        {
            foreach (var receiver in _receivers.ToArray()) receiver.OnEnvelope(envelope);
        }
    }

    public void Connect()
    {
        State = TransportState.Connected;
        foreach (var receiver in _receivers.ToArray()) receiver.OnConnected();
    }

    public void SayNotListed()
    {
        foreach (var receiver in _receivers.ToArray()) receiver.OnNotListed();
    }

    public void Close(string problem)
    {
        (State, Problem) = (TransportState.Closed, problem);
        foreach (var receiver in _receivers.ToArray()) receiver.OnClosed();
    }

    /// <summary>The next thing sent, in order.</summary>
    public Task<Sent> NextAsync() => _sent.Reader.ReadAsync(TestContext.Current.CancellationToken).InTime();

    /// <summary>Whether anything more was sent by now.</summary>
    public bool TryNext(out Sent? sent) => _sent.Reader.TryRead(out sent);

    public int Receivers => _receivers.Count;

    private sealed class Attachment(Action detach) : IDisposable
    {
        public void Dispose() => detach();
    }
}
