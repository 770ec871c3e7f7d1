using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>A client with a key of its own that does what no correct client does: different requests under one number, requests to backups only, garbage,
/// storms, requests in sessions of others. None of it may hurt anybody else.</summary>
internal sealed class FaultyClient
{
    private const int ActsMax = 200;

    private readonly SimulatedCluster _cluster;
    private readonly IReadOnlyList<SimulatedClient> _victims;
    private readonly Workload _workload;
    private readonly Prng _random;
    private readonly int _number;
    private readonly int _address;
    private readonly List<Request> _sent = [];
    private SessionId _session = SessionId.None;
    private long _last;
    private int _acts;
    private bool _isStopped;

    /// <summary>Makes a client that does nothing yet.</summary>
    /// <param name="cluster">Where it is attached.</param>
    /// <param name="number">Its number among all clients.</param>
    /// <param name="victims">Correct clients, whose sessions it tries.</param>
    /// <param name="workload">Draws its operations.</param>
    /// <param name="random">Draws what it does.</param>
    public FaultyClient(SimulatedCluster cluster, int number, IReadOnlyList<SimulatedClient> victims, Workload workload, Prng random)
    {
        _cluster = cluster;
        _victims = victims;
        _workload = workload;
        _random = random;
        _number = number;
        _address = cluster.Options.Cluster.Replicas + number;
        cluster.Network.Attach(_address, Receive);
    }

    /// <summary>Begins.</summary>
    public void Start()
    {
        Send(Seal(SessionId.None, 1, []), _cluster.Options.Cluster.All);
        Plan();
    }

    /// <summary>Does nothing more.</summary>
    public void Stop() => _isStopped = true;

    private void Plan() => _cluster.Time.After(_random.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(100)), Act);

    private void Act()
    {
        if (_isStopped || _acts++ == ActsMax) return;
        switch (_random.Between(0, 5))
        {
            case 0: Equivocate(); break;
            case 1: AskBackupsOnly(); break;
            case 2: SendGarbage(); break;
            case 3: Storm(); break;
            case 4: Trespass(); break;
            default: Send(Seal(_session, ++_last, _workload.Draw(2)), _cluster.Options.Cluster.All); break;
        }

        Plan();
    }

    /// <summary>Believes the first replica: a wrong session makes it no less faulty.</summary>
    private void Receive(int from, ReadOnlyMemory<byte> envelope)
    {
        var inputs = new List<Input>();
        _cluster.Wire.TryOpenAtClient(_number, envelope, inputs);
        foreach (var input in inputs)
        {
            if (input is { Kind: InputKind.Reply, Reply.Status: ReplyStatus.SessionOpened }) _session = input.Reply.Session;
        }
    }

    private void Equivocate()
    {
        _cluster.Report.Count(Mark.ClientEquivocated);
        var number = ++_last;
        Request[] requests = [Seal(_session, number, _workload.Draw(1)), Seal(_session, number, _workload.Draw(2))];
        for (var i = 0; i < _cluster.Options.Cluster.Replicas; i++) Send(_random.Pick<Request>(requests), ReplicaSet.Empty.With(new(i)));
    }

    private void AskBackupsOnly()
    {
        _cluster.Report.Count(Mark.ClientAskedBackupsOnly);
        var backup = new ReplicaId(_random.Between(0, _cluster.Options.Cluster.Replicas - 1));
        Send(Seal(_session, ++_last, _workload.Draw(2)), ReplicaSet.Empty.With(backup));
    }

    private void SendGarbage()
    {
        _cluster.Report.Count(Mark.ClientSentGarbage);
        Send(Seal(_session, ++_last, [_random.Pick<byte[]>([], [0xFF], [2], [1, 9, 0])]), _cluster.Options.Cluster.All);
        var noise = new byte[_random.Between(0, 200)];
        for (var i = 0; i < noise.Length; i++) noise[i] = (byte)_random.Between(0, 255);
        for (var i = 0; i < _cluster.Options.Cluster.Replicas; i++) _cluster.Network.Send(_address, i, noise);
    }

    private void Storm()
    {
        _cluster.Report.Count(Mark.ClientStormed);
        var request = _sent.Count > 0 && _random.Chance(500) ? _random.Pick<Request>([.. _sent]) : Seal(_session, ++_last, _workload.Draw(2));
        for (var i = _random.Between(5, 30); i > 0; i--) Send(request, _cluster.Options.Cluster.All);
    }

    private void Trespass()
    {
        _cluster.Report.Count(Mark.ClientTrespassed);
        var session = _random.Between(0, 2) switch
        {
            0 => _victims[_random.Between(0, _victims.Count - 1)].Session,
            1 => new SessionId(_random.Between(1, 1000)),
            _ => _session,
        };
        if (session == SessionId.None) return;
        var number = _random.Between(0, 2) switch
        {
            0 => _last + 1_000_000,
            1 => Math.Max(1, _last - 1000),
            _ => _last + 1,
        };
        Send(Seal(session, number, _workload.Draw(1)), _cluster.Options.Cluster.All);
    }

    private Request Seal(SessionId session, long number, ReadOnlyMemory<byte>[] operations)
    {
        if (session == SessionId.None && operations.Length > 0) return Seal(session, Math.Max(1, number), []); // not open yet: it opens one more
        var request = _cluster.Wire.SealRequest(_number, session, number, operations);
        if (_sent.Count < ActsMax) _sent.Add(request);
        _cluster.Observer.OnMadeUp(request);
        return request;
    }

    private void Send(Request request, ReplicaSet to)
    {
        var envelope = request.Envelope;
        if (SpoiledRequest.HasMacs(envelope.Span) && _random.Chance(600))
        {
            // The big MAC attack: good for some and bad for others, and now and then under a signature that is none (LESSONS B47).
            envelope = SpoiledRequest.Of(envelope.Span, _random.Next(), spoilSignature: _random.Chance(300));
            _cluster.Report.Count(Mark.ClientSpoiledMacs);
        }

        _cluster.Observer.OnSent(_address, to, Input.Of(request));
        foreach (var replica in to) _cluster.Network.Send(_address, replica.Index, envelope);
    }
}
