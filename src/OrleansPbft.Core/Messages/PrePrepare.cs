namespace OrleansPbft.Core;

/// <summary>⟨PRE-PREPARE, v, n, d⟩ with its batch: the primary's proposal, and its own vote for it (rule N-2).</summary>
/// <remarks>The signature covers (v, n, d); the batch travels behind it and is bound by d, so that evidence stays small.</remarks>
public sealed class PrePrepare : IPeerMessage
{
    /// <summary>Describes a proposal.</summary>
    /// <param name="view">v.</param>
    /// <param name="sequence">n.</param>
    /// <param name="batch">The batch; d is its digest.</param>
    /// <param name="sender">Who signed it.</param>
    /// <param name="envelope">The sealed bytes as received; empty in a proposal not sealed yet.</param>
    public PrePrepare(View view, SequenceNumber sequence, Batch batch, ReplicaId sender, ReadOnlyMemory<byte> envelope = default)
    {
        View = view;
        Sequence = sequence;
        Batch = batch;
        Sender = sender;
        Envelope = envelope;
    }

    /// <summary>v.</summary>
    public View View { get; }

    /// <summary>n.</summary>
    public SequenceNumber Sequence { get; }

    /// <summary>The batch proposed.</summary>
    public Batch Batch { get; }

    /// <summary>d: the batch's digest.</summary>
    public Digest Digest => Batch.Digest;

    /// <summary>Who signed it.</summary>
    public ReplicaId Sender { get; }

    /// <summary>The sealed bytes as received: what is relayed to a peer that lacks it, and evidence if another contradicts it.</summary>
    public ReadOnlyMemory<byte> Envelope { get; }

    /// <summary>Whether neither the MAC nor the signature of some request in it convinced this replica: it has no vote of ours (N-2, A-3).</summary>
    /// <remarks>What q replicas commit executes all the same: f + 1 correct ones among them were convinced.</remarks>
    public bool IsDoubtful { get; init; }

    /// <inheritdoc/>
    public MessageKind Kind => MessageKind.PrePrepare;

    /// <inheritdoc/>
    public int BodyBytes => MessageEncoding.ProposalBodyBytes;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Payload => Batch.Encoding;

    /// <inheritdoc/>
    public Input AsInput() => Input.Of(this);

    /// <inheritdoc/>
    public void WriteBody(ref WireWriter writer) => MessageEncoding.WriteProposal(ref writer, View, Sequence, Digest);

    /// <inheritdoc/>
    public override string ToString() => $"PRE-PREPARE {View} {Sequence} d:{Digest} from {Sender} ({Batch.Requests.Length} requests)";
}
