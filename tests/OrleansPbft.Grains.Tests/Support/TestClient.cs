using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains.Machines;
using OrleansPbft.Grains.Network;

namespace OrleansPbft.Grains.Tests.Support;

/// <summary>A client within reach: its session machine driven by hand, its envelopes there to be looked at and sent again.</summary>
internal sealed class TestClient : IReplySink, IEnvelopeSink, IDisposable
{
    private readonly TestSilo _silo;
    private readonly KeyPair _keys = KeyPair.Create();
    private readonly SessionKeys? _sessions; // in mode Macs
    private readonly EnvelopeOpener _opener;
    private readonly ClientSealer _sealer;
    private readonly ClientSession _session;
    private readonly HostClock _time = new(TimeProvider.System);
    private readonly Lock _gate = new();
    private readonly List<ClientEffect> _effects = [];
    private readonly Dictionary<long, TaskCompletionSource<AcceptedReply>> _answers = [];
    private readonly Dictionary<long, Request> _requests = [];
    private readonly List<Reply> _received = [];
    private readonly Timer _timer;

    public TestClient(TestSilo silo, TimeSpan retransmitAfter)
    {
        _silo = silo;
        if (silo.Cluster.Options.Authentication == AuthenticationMode.Macs) _sessions = SessionKeys.OfClient(silo.Cluster.Id, silo.Replicas, _keys);
        _sessions?.Attach(this);
        _opener = new(silo.Cluster.Membership, silo.Cluster.Options, silo.Cluster.Verifier, sessions: _sessions);
        _sealer = new(silo.Cluster.Id, _keys, _opener.Limits, sessions: _sessions);
        _session = new(
            _sealer.Client,
            new() { Cluster = silo.Cluster.Options.Cluster, Window = silo.Cluster.Options.SessionWindow, RetransmitAfter = retransmitAfter },
            nonce: 1);
        _timer = new(static client => ((TestClient)client!).OnTime(), this, Timeout.Infinite, Timeout.Infinite);
        silo.Replies.Register(_sealer.Client, this);
    }

    public ClientId Id => _sealer.Client;

    public SessionId Session => _session.Id;

    public ClientSealer Sealer => _sealer;

    /// <summary>The trace its requests belong to.</summary>
    public string? TraceParent { get; set; }

    /// <summary>All replies so far that opened.</summary>
    public Reply[] Received
    {
        get
        {
            lock (_gate) return [.. _received];
        }
    }

    public Task<AcceptedReply> OpenAsync()
    {
        lock (_gate)
        {
            var answer = Expect(_session.Nonce, _sealer.SealOpenSession(_session.Nonce));
            _session.Open(_time.Now, _effects);
            Perform();
            return answer.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken); // a test that would hang fails instead
        }
    }

    public Task<AcceptedReply> SubmitAsync(params byte[][] operations)
    {
        lock (_gate)
        {
            var bundle = operations.Select(static operation => new ReadOnlyMemory<byte>(operation)).ToArray();
            var answer = Expect(_session.NextNumber, _sealer.SealRequest(_session.Id, _session.NextNumber, bundle));
            _session.Begin(_time.Now, _effects);
            Perform();
            return answer.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken); // a test that would hang fails instead
        }
    }

    /// <summary>The sealed request of a number in the session.</summary>
    public Request RequestOf(long number)
    {
        lock (_gate) return _requests[number];
    }

    public void SendTo(int replica, ReadOnlyMemory<byte> envelope) =>
        _ = _silo.Grains.GetGrain<IReplicaGrain>(replica).Deliver(new(envelope, Envelope.FromClients, TraceParent));

    public void Send(ReplicaId from, in Envelope envelope)
    {
        var inputs = new List<Input>();
        if (_opener.TryOpen(envelope.Bytes, inputs) != RejectReason.None) return;
        lock (_gate)
        {
            foreach (var input in inputs)
            {
                _received.Add(input.Reply);
                _session.OnReply(_time.Now, input.Reply, _effects);
                Perform();
            }
        }
    }

    void IEnvelopeSink.ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent) => SendTo(to.Index, envelope);

    void IEnvelopeSink.ToClient(ClientId to, ReadOnlyMemory<byte> envelope) => throw new InvalidOperationException("A client says nothing to clients.");

    public void Dispose()
    {
        _silo.Replies.Unregister(Id, this);
        _timer.Dispose();
        _sessions?.Dispose();
        _keys.Dispose();
    }

    private Task<AcceptedReply> Expect(long number, Request request)
    {
        // The nonce and the first number may be equal; the session opens before its first request begins.
        _requests[number] = request;
        var answer = new TaskCompletionSource<AcceptedReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answers[number] = answer;
        return answer.Task;
    }

    private void OnTime()
    {
        lock (_gate)
        {
            _session.Tick(_time.Now, _effects);
            Perform();
        }
    }

    private void Perform()
    {
        foreach (var effect in _effects)
        {
            switch (effect.Kind)
            {
                case ClientEffectKind.Send:
                    foreach (var replica in effect.To) SendTo(replica.Index, _requests[effect.Number].Envelope);
                    break;
                case ClientEffectKind.Complete:
                    if (_answers.Remove(effect.Number, out var answer)) answer.SetResult(effect.Accepted!);
                    break;
                case ClientEffectKind.WakeAt:
                    _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, effect.At.Since(_time.Now).TotalMilliseconds + 1)), Timeout.InfiniteTimeSpan);
                    break;
            }
        }

        _effects.Clear();
    }
}
