namespace OrleansPbft.Core;

/// <summary>What can happen to a <c>Replica</c>.</summary>
public enum InputKind : byte
{
    /// <summary>Nothing; never a valid input.</summary>
    None = 0,

    /// <summary>A client's request arrived, from the client or forwarded by a peer.</summary>
    Request,

    /// <summary>A proposal arrived (from the primary, relayed by a peer, or our own leader's).</summary>
    PrePrepare,

    /// <summary>A PREPARE or COMMIT arrived.</summary>
    Vote,

    /// <summary>A CHECKPOINT arrived.</summary>
    Checkpoint,

    /// <summary>A STATUS arrived.</summary>
    Status,

    /// <summary>A SUSPECT arrived.</summary>
    Suspect,

    /// <summary>A VIEW-CHANGE arrived.</summary>
    ViewChange,

    /// <summary>A NEW-VIEW arrived, every VIEW-CHANGE in it authenticated.</summary>
    NewView,

    /// <summary>A FETCH-BATCH arrived.</summary>
    FetchBatch,

    /// <summary>A BATCH arrived, every request in it authenticated.</summary>
    Batch,

    /// <summary>A FETCH-CHUNKS arrived.</summary>
    FetchChunks,

    /// <summary>A CHUNKS arrived.</summary>
    Chunks,

    /// <summary>A REPLY arrived: for clients only; replicas ignore it.</summary>
    Reply,

    /// <summary>A client's READ arrived.</summary>
    Read,

    /// <summary>A READ-REPLY arrived: for clients only; replicas ignore it.</summary>
    ReadReply,

    /// <summary>Time passed: the instant asked for by <see cref="EffectKind.WakeAt"/> has come.</summary>
    Tick,
}

/// <summary>One input of a step. The host has authenticated it: the sender named inside is the sender proven (rules ).</summary>
public readonly struct Input
{
    private readonly Vote _vote;
    private readonly object? _subject;

    private Input(InputKind kind, object? subject)
    {
        Kind = kind;
        _subject = subject;
    }

    private Input(in Vote vote)
    {
        Kind = InputKind.Vote;
        _vote = vote;
    }

    /// <summary>What happened.</summary>
    public InputKind Kind { get; }

    /// <summary>Time passed.</summary>
    public static Input Tick => new(InputKind.Tick, null);

    /// <summary>The request; only of kind <see cref="InputKind.Request"/>.</summary>
    public Request Request => (Request)_subject!;

    /// <summary>The proposal; only of kind <see cref="InputKind.PrePrepare"/>.</summary>
    public PrePrepare PrePrepare => (PrePrepare)_subject!;

    /// <summary>The vote; only of kind <see cref="InputKind.Vote"/>.</summary>
    public Vote Vote => _vote;

    /// <summary>The checkpoint; only of kind <see cref="InputKind.Checkpoint"/>.</summary>
    public Checkpoint Checkpoint => (Checkpoint)_subject!;

    /// <summary>The status; only of kind <see cref="InputKind.Status"/>.</summary>
    public Status Status => (Status)_subject!;

    /// <summary>The suspicion; only of kind <see cref="InputKind.Suspect"/>.</summary>
    public Suspect Suspect => (Suspect)_subject!;

    /// <summary>The view change; only of kind <see cref="InputKind.ViewChange"/>.</summary>
    public ViewChange ViewChange => (ViewChange)_subject!;

    /// <summary>The new view; only of kind <see cref="InputKind.NewView"/>.</summary>
    public NewView NewView => (NewView)_subject!;

    /// <summary>The question for a batch; only of kind <see cref="InputKind.FetchBatch"/>.</summary>
    public FetchBatch FetchBatch => (FetchBatch)_subject!;

    /// <summary>The batch asked for; only of kind <see cref="InputKind.Batch"/>.</summary>
    public FetchedBatch Batch => (FetchedBatch)_subject!;

    /// <summary>The question for chunks; only of kind <see cref="InputKind.FetchChunks"/>.</summary>
    public FetchChunks FetchChunks => (FetchChunks)_subject!;

    /// <summary>The chunks; only of kind <see cref="InputKind.Chunks"/>.</summary>
    public Chunks Chunks => (Chunks)_subject!;

    /// <summary>The reply; only of kind <see cref="InputKind.Reply"/>.</summary>
    public Reply Reply => (Reply)_subject!;

    /// <summary>The read; only of kind <see cref="InputKind.Read"/>.</summary>
    public Read Read => (Read)_subject!;

    /// <summary>The reply to a read; only of kind <see cref="InputKind.ReadReply"/>.</summary>
    public ReadReply ReadReply => (ReadReply)_subject!;

    /// <summary>A client's request.</summary>
    public static Input Of(Request request) => new(InputKind.Request, request);

    /// <summary>A proposal.</summary>
    public static Input Of(PrePrepare proposal) => new(InputKind.PrePrepare, proposal);

    /// <summary>A vote.</summary>
    public static Input Of(in Vote vote) => new(vote);

    /// <summary>A checkpoint.</summary>
    public static Input Of(Checkpoint checkpoint) => new(InputKind.Checkpoint, checkpoint);

    /// <summary>A status.</summary>
    public static Input Of(Status status) => new(InputKind.Status, status);

    /// <summary>A suspicion.</summary>
    public static Input Of(Suspect suspect) => new(InputKind.Suspect, suspect);

    /// <summary>A view change.</summary>
    public static Input Of(ViewChange viewChange) => new(InputKind.ViewChange, viewChange);

    /// <summary>A new view.</summary>
    public static Input Of(NewView newView) => new(InputKind.NewView, newView);

    /// <summary>A question for a batch.</summary>
    public static Input Of(FetchBatch fetch) => new(InputKind.FetchBatch, fetch);

    /// <summary>A batch asked for.</summary>
    public static Input Of(FetchedBatch batch) => new(InputKind.Batch, batch);

    /// <summary>A question for chunks.</summary>
    public static Input Of(FetchChunks fetch) => new(InputKind.FetchChunks, fetch);

    /// <summary>Chunks.</summary>
    public static Input Of(Chunks chunks) => new(InputKind.Chunks, chunks);

    /// <summary>A reply.</summary>
    public static Input Of(Reply reply) => new(InputKind.Reply, reply);

    /// <summary>A client's read.</summary>
    public static Input Of(Read read) => new(InputKind.Read, read);

    /// <summary>A reply to a read.</summary>
    public static Input Of(ReadReply reply) => new(InputKind.ReadReply, reply);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        InputKind.Vote => _vote.ToString(),
        InputKind.Tick => "TICK",
        _ => _subject?.ToString() ?? "",
    };
}
