using OrleansPbft.Core;

namespace OrleansPbft.Journal.Tests;

/// <summary>n replicas with their leaders and the messages between them, in the order in which they were sent. Each record goes to <see cref="OnRecord"/> as well.</summary>
internal sealed class TestCluster
{
    private readonly Queue<(int From, int To, Input Input)> _sent = [];
    private readonly Outbox _outbox = new();
    private long _lives;

    public TestCluster(int replicas = 4, int checkpointInterval = 4, int logWindow = 8)
    {
        Options = new() { Cluster = new(replicas), CheckpointInterval = checkpointInterval, LogWindow = logWindow, HeartbeatInterval = TimeSpan.FromSeconds(1) };
        Members = new TestMember[replicas];
        Records = [.. Enumerable.Range(0, replicas).Select(static _ => new List<JournalRecord>())];
    }

    public ProtocolOptions Options { get; }

    public TestMember[] Members { get; }

    /// <summary>Everything each made durable, in all its lives.</summary>
    public List<JournalRecord>[] Records { get; }

    public Instant Now { get; private set; } = Make.Noon;

    /// <summary>Whether who starts without a record joins as a learner (D-5); else it takes part.</summary>
    public bool HasLives { get; set; }

    /// <summary>Replicas that neither hear nor say anything.</summary>
    public HashSet<int> Cut { get; } = [];

    /// <summary>What else is lost: from, to, and what.</summary>
    public Func<int, int, Input, bool> Loses { get; set; } = static (_, _, _) => false;

    /// <summary>A replica made something durable; before it says anything that relies on it.</summary>
    public Action<int, JournalRecord> OnRecord { get; set; } = static (_, _) => { };

    /// <summary>A replica has performed all that one step asked for.</summary>
    public Action<int> OnStepped { get; set; } = static _ => { };

    public TestCluster Start()
    {
        for (var i = 0; i < Members.Length; i++) Start(i, records: null);
        Settle();
        return this;
    }

    public void Start(int index, IEnumerable<JournalRecord>? records)
    {
        _outbox.Clear();
        Members[index] = new(index, Options, records, _outbox, Now, HasLives && records?.Any() != true ? ++_lives : null);
        Perform(index, Taken());
    }

    public void Submit(params Request[] requests)
    {
        foreach (var request in requests)
        {
            for (var i = 0; i < Members.Length; i++) _sent.Enqueue((-1, i, Input.Of(request)));
        }

        Settle();
    }

    public bool Pass(TimeSpan most, Func<bool> until)
    {
        for (var end = Now.Plus(most); Now < end && !until();)
        {
            Now = Now.Plus(TimeSpan.FromMilliseconds(50));
            for (var i = 0; i < Members.Length; i++)
            {
                if (Members[i] is null) continue;
                Step(i, Input.Tick);
                Lead(i, LeaderInput.Tick);
            }

            Settle();
        }

        return until();
    }

    private void Settle()
    {
        while (_sent.TryDequeue(out var sent))
        {
            if (Members[sent.To] is null) continue;
            if (sent.From != sent.To && (Cut.Contains(sent.To) || (sent.From >= 0 && Cut.Contains(sent.From)) || Loses(sent.From, sent.To, sent.Input))) continue;
            Step(sent.To, sent.Input);
        }
    }

    private void Step(int index, in Input input)
    {
        _outbox.Clear();
        Members[index].Replica.Step(Now, input, _outbox);
        Perform(index, Taken());
    }

    private void Lead(int index, in LeaderInput input)
    {
        _outbox.Clear();
        Members[index].Leader.Step(Now, input, _outbox);
        Perform(index, Taken());
    }

    private Effect[] Taken() => [.. _outbox.Effects];

    private void Perform(int index, Effect[] effects)
    {
        foreach (var effect in effects)
        {
            if (effect.Kind != EffectKind.Persist) continue;
            Records[index].Add(effect.Record);
            OnRecord(index, effect.Record);
        }

        OnStepped(index);
        foreach (var effect in effects)
        {
            switch (effect.Kind)
            {
                case EffectKind.Broadcast:
                    var input = Sealed(effect);
                    for (var to = 0; to < Members.Length; to++)
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

    private static Input Sealed(in Effect effect) => effect.IsVote ? effect.AsInput() : Make.Sealed(effect.Message).AsInput();
}
