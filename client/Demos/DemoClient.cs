using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>A client with a key of its own that keeps what it saw: every sending, and every single reply. One request at a time.</summary>
internal sealed class DemoClient : IClientObserver, IAsyncDisposable
{
    /// <summary>How long the replicas that are not needed any more have to answer all the same.</summary>
    private static readonly TimeSpan LateRepliesWait = TimeSpan.FromSeconds(1);

    private readonly KeyPair _keys = KeyPair.Create();
    private readonly PbftClient _client;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<RequestId, Exchange> _exchanges = []; // gate
    private Exchange? _current; // gate

    /// <param name="connection">How it reaches the cluster; shared.</param>
    /// <param name="patience">How long it waits for an answer.</param>
    /// <param name="time">The clock.</param>
    public DemoClient(ClusterConnection connection, TimeSpan patience, TimeProvider time)
    {
        _time = time;
        Patience = patience;
        _client = connection.CreateClient(_keys, new() { RequestTimeout = patience, RetransmitAfterMax = TimeSpan.FromSeconds(2), Observer = this });
    }

    public ClientId Id => _client.Id;

    /// <summary>How long it waits for an answer.</summary>
    public TimeSpan Patience { get; }

    /// <summary>The request under way or the last one; null before the first was sent.</summary>
    public Exchange? Current
    {
        get
        {
            lock (_gate) return _current;
        }
    }

    private int Replicas => _client.Cluster.Cluster.Replicas;

    /// <summary>Has an operation of the key-value store ordered, and waits a moment longer for the replies that are not needed.</summary>
    /// <exception cref="PbftException">It failed, but for no answer coming in time: that is an outcome too.</exception>
    public async Task<Asked> AskAsync(string what, byte[] operation, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        var before = Current;
        try
        {
            var outcome = await _client.SubmitAsync([operation], cancellationToken);
            var elapsed = _time.GetElapsedTime(began);
            var answered = Current!; // it was sent, as it was answered
            await Task.WhenAny(answered.AllReplied, Task.Delay(LateRepliesWait, _time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            return new(what, answered, Replicas, elapsed) { Outcome = outcome, Answer = KeyValueAnswer.Of(outcome) };
        }
        catch (PbftTimeoutException timeout) when (Current is { } exchange && exchange != before)
        {
            return new(what, exchange, Replicas, _time.GetElapsedTime(began)) { Timeout = timeout };
        }
    }

    void IClientObserver.OnSent(RequestId request, ReplicaSet to) => Find(request).OnSent(to);

    void IClientObserver.OnReply(Reply reply) => Find(reply.Request).OnReply(reply);

    void IClientObserver.OnRejected(RequestId request, RejectReason reason) => Find(request).OnRejected();

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _keys.Dispose();
    }

    private Exchange Find(RequestId request)
    {
        lock (_gate)
        {
            if (_exchanges.TryGetValue(request, out var exchange)) return exchange;
            exchange = new(request, Replicas, _time);
            if (request.Session == SessionId.None) return exchange; // the opening of a session is no request of the scenario's
            _exchanges.Add(request, exchange);
            return _current = exchange;
        }
    }
}
