namespace OrleansPbft.Core;

/// <summary>⟨READ-REPLY, v, m, e, p, r, i⟩: replica i's answer to a read. What a client makes of q of them is in <see cref="QuorumRead"/> (C-7).</summary>
public sealed class ReadReply
{
    /// <summary>Describes a reply.</summary>
    public ReadReply(
        View view,
        ClientId client,
        long number,
        SequenceNumber executed,
        SequenceNumber prepared,
        ReadStatus status,
        ReadOnlyMemory<byte> results,
        ReplicaId sender)
    {
        View = view;
        Client = client;
        Number = number;
        Executed = executed;
        Prepared = prepared;
        Status = status;
        Results = results;
        Sender = sender;
    }

    /// <summary>The view replica i is in: a hint, believed when f + 1 replicas give it.</summary>
    public View View { get; }

    /// <summary>Who asked.</summary>
    public ClientId Client { get; }

    /// <summary>The read's number.</summary>
    public long Number { get; }

    /// <summary>e: the results are of the state after it, with all that comes before it.</summary>
    public SequenceNumber Executed { get; }

    /// <summary>p: the highest sequence number that replica i had prepared, in any view, when the read reached it. Below e where it
    /// executed more before it answered.</summary>
    public SequenceNumber Prepared { get; }

    /// <summary>What became of it.</summary>
    public ReadStatus Status { get; }

    /// <summary>The results in their canonical encoding (<c>OperationResults</c>), or the retry hint of a busy replica.</summary>
    public ReadOnlyMemory<byte> Results { get; }

    /// <summary>i.</summary>
    public ReplicaId Sender { get; }

    /// <summary>The epoch of the client's session key that it can be sealed under; 0 where it has to be signed. Not part of the message (<see cref="Read.KeyEpoch"/>).</summary>
    public long KeyEpoch { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"READ-REPLY {Client.ToString()[..8]}/{Number} e:{Executed} p:{Prepared} {Status} from {Sender}";
}
