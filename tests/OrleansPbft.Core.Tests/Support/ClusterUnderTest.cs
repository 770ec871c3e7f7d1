namespace OrleansPbft.Core.Tests;

/// <summary>n replicas with their leaders, and the messages between them in the order in which they were sent. A test says what is lost and what time it is.</summary>
internal sealed class ClusterUnderTest
{
    private readonly Queue<(int From, int To, Input Input)> _sent = [];
    private readonly Leader[] _leaders;
    private readonly Outbox _outbox = new();
    private readonly int _replicas;
    private readonly Func<ProtocolOptions, ProtocolOptions>? _configure;
    private readonly bool _hasLives;
    private long _lives;

    /// <param name="replicas">n.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="hasLives">Whether who starts without a record joins as a learner (D-5); else it takes part.</param>
    /// <param name="down">Replicas that are down from the start.</param>
    public ClusterUnderTest(int replicas = 4, Func<ProtocolOptions, ProtocolOptions>? configure = null, bool hasLives = false, params int[] down)
    {
        _replicas = replicas;
        _configure = configure;
        _hasLives = hasLives;
        Cut.UnionWith(down);
        Members = new ReplicaUnderTest[replicas];
        _leaders = new Leader[replicas];
        for (var i = 0; i < replicas; i++) Start(i, journal: null);
        Settle();
    }

    public ReplicaUnderTest[] Members { get; }

    public Instant Now { get; private set; } = Make.Noon;

    /// <summary>Replicas that neither hear nor say anything.</summary>
    public HashSet<int> Cut { get; } = [];

    /// <summary>What else is lost: from, to, and what.</summary>
    public Func<int, int, Input, bool> Loses { get; set; } = static (_, _, _) => false;

    /// <summary>Every effect since <see cref="Forget"/>, with whose it was.</summary>
    public List<(int Of, Effect Effect)> Log { get; } = [];

    public ReplicaUnderTest this[int index] => Members[index];

    public IEnumerable<Reply> RepliesOf(int replica) => Log.Where(l => l.Of == replica && l.Effect.Kind == EffectKind.Reply).Select(static l => l.Effect.ReplyMessage);

    public IEnumerable<ProtocolEvent> Events(int replica, ProtocolEventKind kind) =>
        Log.Where(l => l.Of == replica && l.Effect.Kind == EffectKind.Report && l.Effect.Event.Kind == kind).Select(static l => l.Effect.Event);

    public IEnumerable<T> BroadcastBy<T>(int replica) =>
        Log.Where(l => l.Of == replica && l.Effect is { Kind: EffectKind.Broadcast, IsVote: false, Message: T }).Select(static l => (T)l.Effect.Message);

    public void Forget() => Log.Clear();

    /// <summary>A client sends each of <paramref name="requests"/> to all.</summary>
    public void Submit(params Request[] requests)
    {
        foreach (var request in requests)
        {
            for (var i = 0; i < _replicas; i++) _sent.Enqueue((-1, i, Input.Of(request)));
        }

        Settle();
    }

    public void Send(int from, int to, IPeerMessage message) => _sent.Enqueue((from, to, Sealed(message).AsInput()));

    /// <summary>Delivers everything that is under way.</summary>
    public void Settle()
    {
        for (var i = 0; _sent.TryDequeue(out var sent); i++)
        {
            Assert.True(i < 5000, "The replicas never stop talking.");
            if (sent.From != sent.To && (Cut.Contains(sent.To) || (sent.From >= 0 && Cut.Contains(sent.From)) || Loses(sent.From, sent.To, sent.Input))) continue;
            Members[sent.To].Now = Now;
            Perform(sent.To, Members[sent.To].Step(sent.Input));
        }
    }

    /// <summary>Lets time pass in steps of <paramref name="step"/>, 50 ms unless told, until <paramref name="until"/> holds or <paramref name="most"/> is over.</summary>
    public bool Pass(TimeSpan most, Func<bool>? until = null, TimeSpan? step = null)
    {
        var end = Now.Plus(most);
        while (Now < end)
        {
            if (until?.Invoke() == true) return true;
            Now = Now.Plus(step ?? TimeSpan.FromMilliseconds(50));
            for (var i = 0; i < _replicas; i++)
            {
                Members[i].Now = Now;
                Perform(i, Members[i].Step(Input.Tick));
                Lead(i, LeaderInput.Tick);
            }

            Settle();
        }

        return until?.Invoke() == true;
    }

    /// <summary>Replica <paramref name="index"/> dies and starts again from the first <paramref name="records"/> of its journal; all by default.</summary>
    public void Restart(int index, int? records = null)
    {
        Start(index, [.. Members[index].Journal.Take(records ?? int.MaxValue)]);
        Settle();
    }

    /// <summary>Replica <paramref name="index"/> starts again and has lost its journal.</summary>
    public void Wipe(int index)
    {
        Start(index, journal: null);
        Settle();
    }

    /// <summary>That those have executed the same, to <paramref name="sequence"/>.</summary>
    public void AssertAllAt(long sequence, params int[] replicas)
    {
        foreach (var i in replicas)
        {
            Assert.Equal((i, new SequenceNumber(sequence)), (i, Members[i].Replica.LastExecuted));
            Assert.Equal(Members[replicas[0]].State.ComputeDigest(), Members[i].State.ComputeDigest());
        }
    }

    private void Start(int index, JournalRecord[]? journal)
    {
        var options = new Func<ProtocolOptions, ProtocolOptions>(o => (_configure ?? (static x => x))(o with { HeartbeatInterval = TimeSpan.FromSeconds(1) }));
        long? life = _hasLives && journal is null or [] ? ++_lives : null;
        Members[index] = new(index, _replicas, options, journal, life) { Now = Now };
        _leaders[index] = new(new(index), Members[index].Options);
        Perform(index, Members[index].Effects);
    }

    private void Lead(int index, in LeaderInput input)
    {
        _outbox.Clear();
        _leaders[index].Step(Now, input, _outbox);
        Effect[] effects = [.. _outbox.Effects];
        Members[index].Journal.AddRange(effects.Where(static e => e.Kind == EffectKind.Persist).Select(static e => e.Record));
        Perform(index, effects);
    }

    private void Perform(int index, Effect[] effects)
    {
        foreach (var effect in effects)
        {
            Log.Add((index, effect));
            switch (effect.Kind)
            {
                case EffectKind.Broadcast:
                    var input = Sealed(effect);
                    for (var to = 0; to < _replicas; to++)
                    {
                        if (to != index || input.Kind == InputKind.PrePrepare) _sent.Enqueue((index, to, input));
                    }

                    break;
                case EffectKind.Send: _sent.Enqueue((index, effect.To.Index, Sealed(effect))); break;
                case EffectKind.Relay: _sent.Enqueue((index, effect.To.Index, effect.AsInput())); break;
                case EffectKind.Order: Lead(index, LeaderInput.Of(effect.Request!)); break;
                case EffectKind.InformLeader: Lead(index, LeaderInput.Of(effect.LeaderUpdate)); break;
            }
        }
    }

    private static Input Sealed(in Effect effect) => effect.IsVote ? effect.AsInput() : Sealed(effect.Message).AsInput();

    /// <summary>What arrives has an envelope; where none is read, a stand-in does.</summary>
    private static IPeerMessage Sealed(IPeerMessage message) => message switch
    {
        PrePrepare { Envelope.IsEmpty: true } p => new PrePrepare(p.View, p.Sequence, p.Batch, p.Sender, Make.Bytes(p.ToString())),
        Suspect { Envelope.IsEmpty: true } s => s with { Envelope = Make.Bytes(s.ToString()) },
        ViewChange { Envelope.IsEmpty: true } v => Sealed(v),
        NewView { Envelope.IsEmpty: true } v => new NewView(v.View, v.WithSealed(Sealed).ViewChanges, v.Decision, v.Sender, Make.Bytes(v.ToString())),
        _ => message,
    };

    private static ViewChange Sealed(ViewChange v) =>
        new(v.View, v.StableCheckpoint, v.Checkpoints, v.Prepared, v.PrePrepared, v.Sender, Make.Bytes(v.ToString()));

    /// <inheritdoc/>
    public override string ToString() => string.Join("; ", Members.Select(static m =>
        $"{m.Replica.View} {(m.Replica.IsActive ? "active" : "changing")} e:{m.Replica.LastExecuted} h:{m.Replica.StableCheckpoint}"));
}
