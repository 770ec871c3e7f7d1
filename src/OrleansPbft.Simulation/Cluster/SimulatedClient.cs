using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>A client in a closed loop: the core's session, a network below it, a supply of operations above it.</summary>
internal sealed partial class SimulatedClient
{
    private readonly SimulatedCluster _cluster;
    private readonly ClientSessionOptions _options;
    private readonly int _inFlightMax;
    private readonly Queue<ReadOnlyMemory<byte>[]> _waiting = [];
    private readonly Dictionary<long, Request> _requests = [];
    private readonly List<ClientEffect> _effects = [];
    private readonly int _address;
    private readonly List<Input> _inputs = [];
    private ClientSession _session;
    private long _timer;
    private bool _isRetired;

    /// <summary>Makes a client that asks nothing yet.</summary>
    /// <param name="cluster">Where it is attached.</param>
    /// <param name="number">Its number among the clients, from 0.</param>
    /// <param name="options">How its session behaves.</param>
    /// <param name="inFlightMax">How many requests it has in flight at most; the window at most.</param>
    public SimulatedClient(SimulatedCluster cluster, int number, ClientSessionOptions options, int inFlightMax)
    {
        _cluster = cluster;
        _options = options;
        _inFlightMax = inFlightMax;
        Number = number;
        Id = cluster.Wire.ClientOf(number);
        _address = cluster.Options.Cluster.Replicas + number;
        _session = new(Id, options, nonce: 1);
        cluster.Network.Attach(_address, Receive);
    }

    public int Number { get; }

    public ClientId Id { get; }

    public SessionId Session => _session.Id;

    /// <summary>Whether every request it was given is answered for good.</summary>
    public bool IsDone => _waiting.Count == 0 && _requests.Count == 0 && _reads.Count == 0;

    /// <summary>Requests answered for good.</summary>
    public int Completed { get; private set; }

    public int Outstanding => _waiting.Count + _requests.Count + _reads.Count;

    /// <summary>Opens the session; requests follow once it is open.</summary>
    public void Open()
    {
        Begin(_cluster.Wire.SealRequest(Number, SessionId.None, _session.Nonce, []));
        _session.Open(_cluster.Time.Now, _effects);
        Perform();
    }

    /// <summary>Has it ask for <paramref name="operations"/> in one request, as soon as its turn comes.</summary>
    public void Submit(params ReadOnlyMemory<byte>[] operations)
    {
        _waiting.Enqueue(operations);
        Pump();
    }

    /// <summary>It asks nothing any more and waits for nothing: its user is gone.</summary>
    public void Retire()
    {
        _isRetired = true;
        _waiting.Clear();
        _requests.Clear();
        _reads.Clear();
    }

    private void Pump()
    {
        while (_waiting.Count > 0 && _session.CanBegin && _session.InFlight < _inFlightMax)
        {
            Begin(_cluster.Wire.SealRequest(Number, _session.Id, _session.NextNumber, _waiting.Dequeue()));
            _session.Begin(_cluster.Time.Now, _effects);
            Perform();
        }
    }

    private void Begin(Request request)
    {
        _requests.Add(request.Id.Number, request);
        _cluster.Observer.OnSubmitted(this, request);
    }

    private void Receive(int from, ReadOnlyMemory<byte> envelope)
    {
        if (_isRetired) return;
        _inputs.Clear();
        if (_cluster.Wire.TryOpenAtClient(Number, envelope, _inputs) != RejectReason.None)
        {
            _cluster.Report.Count(Mark.EnvelopesRejected);
            return;
        }

        foreach (var input in _inputs) OnOpened(from, input);
    }

    private void OnOpened(int from, in Input input)
    {
        if (input.Kind is not (InputKind.Reply or InputKind.ReadReply))
        {
            _cluster.Report.Count(Mark.EnvelopesRejected);
            return;
        }

        _cluster.Observer.OnReceived(_address, from, input);
        if (input.Kind == InputKind.ReadReply)
        {
            OnReadReply(input.ReadReply);
            return;
        }

        _session.OnReply(_cluster.Time.Now, input.Reply, _effects);
        Perform();
    }

    private void Perform()
    {
        // Completing a request may begin another, whose effects are added behind: hence no foreach.
        for (var i = 0; i < _effects.Count; i++)
        {
            var effect = _effects[i];
            switch (effect.Kind)
            {
                case ClientEffectKind.Send:
                    if (effect.To.Count > 1) _cluster.Report.Count(Mark.ClientRetransmissions);
                    if (!_requests.TryGetValue(effect.Number, out var request)) break;
                    _cluster.Observer.OnSent(_address, effect.To, Input.Of(request));
                    foreach (var replica in effect.To) _cluster.Network.Send(_address, replica.Index, request.Envelope);
                    break;
                case ClientEffectKind.WakeAt:
                    WakeAt(effect.At);
                    break;
                case ClientEffectKind.Complete:
                    Complete(effect);
                    break;
            }
        }

        _effects.Clear();
        if (_session.IsLost) OpenAnother();
        else if (_waiting.Count > 0 && _session.CanBegin && _session.InFlight < _inFlightMax) Pump();
    }

    private void Complete(in ClientEffect effect)
    {
        if (!_requests.Remove(effect.Number, out var request)) return;
        if (!request.OpensSession) Completed++;
        _cluster.Observer.OnAccepted(this, request, effect.Accepted!);
    }

    /// <summary>The session was evicted: what was in flight in it has the definite answer that it is gone, now or never.</summary>
    private void OpenAnother()
    {
        Completed += _requests.Count;
        _requests.Clear();
        _session = new(Id, _options, _session.Nonce + 1);
        Open();
    }

    private void WakeAt(Instant instant)
    {
        var timer = ++_timer;
        _cluster.Time.At(instant, () =>
        {
            if (timer != _timer || _isRetired) return;
            _session.Tick(_cluster.Time.Now, _effects);
            Perform();
        });
    }
}
