namespace OrleansPbft.Core;

/// <summary>What became of a request as a whole. Only <see cref="Executed"/> has results.</summary>
public enum ReplyStatus : byte
{
    /// <summary>Ordered and executed; <see cref="Reply.Results"/> has one result for each operation.</summary>
    Executed = 1,

    /// <summary>A session was opened; <see cref="Reply.Session"/> is its number.</summary>
    SessionOpened = 2,

    /// <summary>No such session of this client exists, or it was evicted. Nothing was executed. Open a new one (C-2).</summary>
    SessionUnknown = 3,

    /// <summary>The number is below the session's window and its result is no longer kept. Nothing was executed now (C-3).</summary>
    BelowWindow = 4,

    /// <summary>The number is beyond the session's window. Nothing was executed (C-3).</summary>
    AboveWindow = 5,

    /// <summary>Not admitted by this replica: too much is waiting. <see cref="Reply.Results"/> holds the retry hint (C-6).</summary>
    Busy = 6,

    /// <summary>It was executed, but its results were dropped to keep the session's reply cache within its bytes (C-3).</summary>
    ResultDropped = 7,
}

/// <summary>⟨REPLY, v, s, m, n, r, i⟩: replica i's answer. A client believes f + 1 that are equal (rule C-4).</summary>
public sealed class Reply
{
    /// <summary>Describes a reply.</summary>
    public Reply(
        View view, RequestId request, SessionId session, SequenceNumber sequence, ReplyStatus status, ReadOnlyMemory<byte> results, ReplicaId sender)
    {
        View = view;
        Request = request;
        Session = session;
        Sequence = sequence;
        Status = status;
        Results = results;
        Sender = sender;
    }

    /// <summary>Answers a request; what it came sealed with decides how the answer can be (<see cref="KeyEpoch"/>).</summary>
    internal static Reply To(
        Request request, View view, SessionId session, SequenceNumber sequence, ReplyStatus status, ReadOnlyMemory<byte> results, ReplicaId sender) =>
        new(view, request.Id, session, sequence, status, results, sender) { KeyEpoch = request.KeyEpoch };

    /// <summary>The view replica i is in: a hint at who the primary is, believed when f + 1 replicas give it.</summary>
    public View View { get; }

    /// <summary>The request answered, as the client named it.</summary>
    public RequestId Request { get; }

    /// <summary>The request's session; the new one where the request opened it.</summary>
    public SessionId Session { get; }

    /// <summary>n at which it was executed; <see cref="SequenceNumber.Zero"/> in an answer that no execution stands behind.</summary>
    public SequenceNumber Sequence { get; }

    /// <summary>What became of it.</summary>
    public ReplyStatus Status { get; }

    /// <summary>The results in their canonical encoding (<c>OperationResults</c>), or the retry hint of a busy replica.</summary>
    public ReadOnlyMemory<byte> Results { get; }

    /// <summary>i.</summary>
    public ReplicaId Sender { get; }

    /// <summary>The epoch of the client's session key that it can be sealed under; 0 where it has to be signed. Not part of the message (<see cref="Request.KeyEpoch"/>).</summary>
    public long KeyEpoch { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"REPLY {Request} {Sequence} {Status} from {Sender}";
}
