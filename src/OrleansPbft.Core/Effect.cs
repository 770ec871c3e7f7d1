namespace OrleansPbft.Core;

/// <summary>What a machine can want its host to do.</summary>
public enum EffectKind : byte
{
    /// <summary>Nothing; never in an outbox.</summary>
    None = 0,

    /// <summary>Make <see cref="Effect.Record"/> durable before performing any later <see cref="Broadcast"/>,
    /// <see cref="Send"/>, <see cref="Reply"/> or <see cref="AnswerRead"/> (D-1).</summary>
    Persist,

    /// <summary>Seal the vote or message and send it to all other replicas; a proposal to this one's own <c>Replica</c> too.</summary>
    Broadcast,

    /// <summary>Seal the vote or message and send it to <see cref="Effect.To"/>.</summary>
    Send,

    /// <summary>Send <see cref="Effect.Envelope"/> to <see cref="Effect.To"/> unchanged: what another sealed.</summary>
    Relay,

    /// <summary>Seal <see cref="Effect.ReplyMessage"/> and send it to its client.</summary>
    Reply,

    /// <summary>Seal <see cref="Effect.ReadReplyMessage"/> and send it to its client (C-7).</summary>
    AnswerRead,

    /// <summary>Hand <see cref="Effect.Request"/> to this replica's own <c>Leader</c>.</summary>
    Order,

    /// <summary>Give <see cref="Effect.LeaderUpdate"/> to this replica's own <c>Leader</c>.</summary>
    InformLeader,

    /// <summary>Step with <see cref="Input.Tick"/> at <see cref="Effect.At"/> or soon after. The newest replaces the ones before.</summary>
    WakeAt,

    /// <summary><see cref="Effect.Evidence"/> shows a faulty replica: log it, count it, show it.</summary>
    Accuse,

    /// <summary>Tell people and instruments of <see cref="Effect.Event"/>. Nothing depends on it.</summary>
    Report,
}

/// <summary>One thing the host must do. A tagged struct: a full outbox costs no allocation.</summary>
public readonly struct Effect
{
    private readonly object? _subject;
    private readonly Vote _vote;
    private readonly long _number;
    private readonly byte _detail;

    private Effect(EffectKind kind, object? subject = null, in Vote vote = default, ReplicaId to = default, long number = 0, byte detail = 0)
    {
        Kind = kind;
        _subject = subject;
        _vote = vote;
        To = to;
        _number = number;
        _detail = detail;
    }

    /// <summary>What to do.</summary>
    public EffectKind Kind { get; }

    /// <summary>The destination of <see cref="EffectKind.Send"/> and <see cref="EffectKind.Relay"/>.</summary>
    public ReplicaId To { get; }

    /// <summary>Whether what is broadcast or sent is a vote.</summary>
    public bool IsVote => _subject is null && _vote.Phase != 0;

    /// <summary>The vote broadcast or sent, when <see cref="IsVote"/>.</summary>
    public Vote Vote => _vote;

    /// <summary>What is broadcast or sent when it is not a vote.</summary>
    public IPeerMessage Message => (IPeerMessage)_subject!;

    /// <summary>What arrives where this effect's message does: for those who watch it go.</summary>
    public Input AsInput() => IsVote ? Input.Of(_vote) : _subject is Request request ? Input.Of(request) : Message.AsInput();

    /// <summary>The sealed bytes to pass on unchanged, of a <see cref="EffectKind.Relay"/>.</summary>
    public ReadOnlyMemory<byte> Envelope => _subject switch
    {
        Request request => request.Envelope,
        PrePrepare proposal => proposal.Envelope,
        Suspect suspect => suspect.Envelope,
        ViewChange viewChange => viewChange.Envelope,
        NewView newView => newView.Envelope,
        _ => default,
    };

    /// <summary>The request ordered or relayed; null where something else is.</summary>
    public Request? Request => _subject as Request;

    /// <summary>The reply.</summary>
    public Reply ReplyMessage => (Reply)_subject!;

    /// <summary>The reply to a read.</summary>
    public ReadReply ReadReplyMessage => (ReadReply)_subject!;

    /// <summary>What the leader is told.</summary>
    public LeaderUpdate LeaderUpdate => (LeaderUpdate)_subject!;

    /// <summary>What to make durable.</summary>
    public JournalRecord Record => new((JournalRecordKind)_detail, _vote.View, _vote.Sequence, _vote.Digest, _subject);

    /// <summary>When to wake the machine.</summary>
    public Instant At => new(_number);

    /// <summary>What was observed of a faulty replica.</summary>
    public Evidence Evidence => (Evidence)_subject!;

    /// <summary>What happened.</summary>
    public ProtocolEvent Event =>
        new((ProtocolEventKind)_detail, _vote.View, _vote.Sequence, _vote.Digest, To, _number, _subject as Batch);

    internal static Effect Persist(JournalRecordKind kind, View view, SequenceNumber sequence, Digest digest, object? subject = null) =>
        new(EffectKind.Persist, subject, new Vote(0, view, sequence, digest, default), detail: (byte)kind);

    internal static Effect Broadcast(in Vote vote) => new(EffectKind.Broadcast, vote: vote);

    internal static Effect Broadcast(IPeerMessage message) => new(EffectKind.Broadcast, message);

    internal static Effect Send(ReplicaId to, in Vote vote) => new(EffectKind.Send, vote: vote, to: to);

    internal static Effect Send(ReplicaId to, IPeerMessage message) => new(EffectKind.Send, message, to: to);

    internal static Effect Relay(ReplicaId to, PrePrepare proposal) => new(EffectKind.Relay, proposal, to: to);

    internal static Effect Relay(ReplicaId to, Request request) => new(EffectKind.Relay, request, to: to);

    internal static Effect Relay(ReplicaId to, Suspect suspect) => new(EffectKind.Relay, suspect, to: to);

    internal static Effect Relay(ReplicaId to, ViewChange viewChange) => new(EffectKind.Relay, viewChange, to: to);

    internal static Effect Relay(ReplicaId to, NewView newView) => new(EffectKind.Relay, newView, to: to);

    internal static Effect Answer(Reply reply) => new(EffectKind.Reply, reply);

    internal static Effect AnswerRead(ReadReply reply) => new(EffectKind.AnswerRead, reply);

    internal static Effect Order(Request request) => new(EffectKind.Order, request);

    internal static Effect InformLeader(LeaderUpdate update) => new(EffectKind.InformLeader, update);

    internal static Effect WakeAt(Instant at) => new(EffectKind.WakeAt, number: at.Microseconds);

    internal static Effect Accuse(Evidence evidence) => new(EffectKind.Accuse, evidence);

    internal static Effect Report(
        ProtocolEventKind kind, View view, SequenceNumber sequence, Digest digest = default, ReplicaId about = default, long amount = 0, Batch? batch = null) =>
        new(EffectKind.Report, batch, new Vote(0, view, sequence, digest, default), about, amount, (byte)kind);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        EffectKind.Persist => $"Persist {Record.Kind} {_vote.View} {_vote.Sequence} d:{_vote.Digest}",
        EffectKind.Broadcast => $"Broadcast {(IsVote ? _vote.ToString() : _subject)}",
        EffectKind.Send or EffectKind.Relay => $"{Kind} to {To} {(IsVote ? _vote.ToString() : _subject)}",
        EffectKind.WakeAt => $"WakeAt {_number}",
        EffectKind.Report => $"Report {Event.Kind} {_vote.View} {_vote.Sequence}",
        _ => $"{Kind} {_subject}",
    };
}
