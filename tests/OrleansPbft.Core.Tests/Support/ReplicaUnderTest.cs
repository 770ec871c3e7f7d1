namespace OrleansPbft.Core.Tests;

/// <summary>One replica with a recording service, stepped by hand; what a step wanted done is in <see cref="Effects"/>.</summary>
internal sealed class ReplicaUnderTest
{
    private readonly Outbox _outbox = new();

    public ReplicaUnderTest(int self = 1, int replicas = 4, Func<ProtocolOptions, ProtocolOptions>? configure = null, IEnumerable<JournalRecord>? journal = null, long? life = null)
    {
        Options = new() { Cluster = new(replicas), CheckpointInterval = 4, LogWindow = 8, HeartbeatInterval = TimeSpan.FromHours(1) };
        if (configure is not null) Options = configure(Options);
        State = new(Options, new(42), Service);
        Replica = new(new(self), Options, State);
        if (journal is not null)
        {
            Journal.AddRange(journal);
            Replica.Recover(Journal);
        }

        if (life is { } drawn) Replica.Join(drawn);
        Replica.Start(Now, _outbox);
        Take();
    }

    public ProtocolOptions Options { get; }

    public RecordingService Service { get; } = new();

    public ReplicatedState State { get; }

    public Replica Replica { get; }

    /// <summary>Everything that was made durable, by this replica and its former lives.</summary>
    public List<JournalRecord> Journal { get; } = [];

    public Instant Now { get; set; } = Make.Noon;

    /// <summary>The effects of the last step.</summary>
    public Effect[] Effects { get; private set; } = [];

    public IEnumerable<Vote> Votes => Effects.Where(e => e is { Kind: EffectKind.Broadcast, IsVote: true }).Select(e => e.Vote);

    public IEnumerable<Reply> Replies => Effects.Where(e => e.Kind == EffectKind.Reply).Select(e => e.ReplyMessage);

    public IEnumerable<ReadReply> ReadReplies => Effects.Where(e => e.Kind == EffectKind.AnswerRead).Select(e => e.ReadReplyMessage);

    public IEnumerable<Evidence> Accusations => Effects.Where(e => e.Kind == EffectKind.Accuse).Select(e => e.Evidence);

    public IEnumerable<IgnoreReason> Ignored => Effects
        .Where(e => e is { Kind: EffectKind.Report, Event.Kind: ProtocolEventKind.Ignored }).Select(e => (IgnoreReason)e.Event.Amount);

    public Effect[] Step(in Input input)
    {
        _outbox.Clear();
        Replica.Step(Now, input, _outbox);
        return Take();
    }

    public Effect[] Step(Request request) => Step(Input.Of(request));

    public Effect[] Step(PrePrepare proposal) => Step(Input.Of(proposal));

    public Effect[] Step(in Vote vote) => Step(Input.Of(vote));

    public Effect[] Step(Read read) => Step(Input.Of(read));

    public Effect[] Step(IPeerMessage message) => Step(message.AsInput());

    /// <summary>Several inputs; <see cref="Effects"/> are those of all steps.</summary>
    public Effect[] StepAll(params IEnumerable<IPeerMessage> messages) => Effects = [.. messages.SelectMany(message => Step(message.AsInput()))];

    /// <summary>Makes <see cref="Effects"/> those of several steps.</summary>
    public void Remember(IEnumerable<Effect> effects) => Effects = [.. effects];

    public Effect[] Tick(TimeSpan after)
    {
        Now = Now.Plus(after);
        return Step(Input.Tick);
    }

    /// <summary>Has the others commit <paramref name="proposal"/> and this replica execute it; <see cref="Effects"/> are those of all steps.</summary>
    public void Execute(PrePrepare proposal)
    {
        List<Effect> all = [.. Step(proposal)];
        for (var i = 1; i < Options.Cluster.Replicas; i++) all.AddRange(Step(Make.Prepare(proposal, i)));
        for (var i = 0; i < Options.Cluster.Replicas; i++) all.AddRange(Step(Make.Commit(proposal, i)));
        Effects = [.. all];
        Assert.Equal(proposal.Sequence, Replica.LastExecuted);
    }

    /// <summary>What this step broadcast of one kind.</summary>
    public IEnumerable<T> Broadcast<T>() => Effects.Where(e => e is { Kind: EffectKind.Broadcast, IsVote: false, Message: T }).Select(e => (T)e.Message);

    /// <summary>What this step sent to one peer, of one kind.</summary>
    public IEnumerable<T> Sent<T>(int to) => Effects.Where(e => e is { Kind: EffectKind.Send, IsVote: false, Message: T } && e.To == new ReplicaId(to)).Select(e => (T)e.Message);

    public IEnumerable<ProtocolEvent> Events(ProtocolEventKind kind) => Effects.Where(e => e.Kind == EffectKind.Report && e.Event.Kind == kind).Select(e => e.Event);

    /// <summary>Opens session 1 for client 1 at n = 1.</summary>
    public ReplicaUnderTest WithSession()
    {
        Execute(Make.PrePrepare(1, Make.Open()));
        return this;
    }

    private Effect[] Take()
    {
        Effects = [.. _outbox.Effects];
        Journal.AddRange(Effects.Where(e => e.Kind == EffectKind.Persist).Select(e => e.Record));
        _outbox.Clear();
        return Effects;
    }
}
