using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>⟨NEW-VIEW, v, S, base, choices⟩ of the primary of v: the VIEW-CHANGEs it decided from, and what follows from them (rule VC-5).</summary>
public sealed class NewView : IPeerMessage
{
    /// <summary>Describes a NEW-VIEW.</summary>
    public NewView(View view, ImmutableArray<ViewChange> viewChanges, ViewChangeDecision decision, ReplicaId sender, ReadOnlyMemory<byte> envelope = default)
    {
        View = view;
        ViewChanges = viewChanges;
        Decision = decision;
        Sender = sender;
        Envelope = envelope;
    }

    /// <summary>v.</summary>
    public View View { get; }

    /// <summary>S: at least q VIEW-CHANGEs for v, in ascending order of their senders.</summary>
    public ImmutableArray<ViewChange> ViewChanges { get; }

    /// <summary>The base checkpoint and the choices after it, as the sender says: what every receiver must find itself.</summary>
    public ViewChangeDecision Decision { get; }

    /// <inheritdoc/>
    public ReplicaId Sender { get; }

    /// <summary>The sealed bytes as received: what brings a replica that missed it to the present. Empty in one's own.</summary>
    public ReadOnlyMemory<byte> Envelope { get; }

    /// <inheritdoc/>
    public MessageKind Kind => MessageKind.NewView;

    /// <inheritdoc/>
    public int BodyBytes => ViewChangeEncoding.BodyBytes(this);

    /// <inheritdoc/>
    public Input AsInput() => Input.Of(this);

    /// <inheritdoc/>
    public void WriteBody(ref WireWriter writer) => ViewChangeEncoding.Write(ref writer, this);

    /// <summary>Whether <paramref name="entry"/>, of some P, can not have committed before this view, and so never will: nothing, or something else, was chosen there.</summary>
    /// <remarks>q of S are not beyond the base. Had q replicas prepared the entry, one correct of those would be among them, and it would have been chosen.</remarks>
    public bool Disproves(in LogEntry entry) =>
        entry.View < View && entry.Sequence > Decision.Base.Sequence && (entry.Sequence > Decision.Last || Decision.ChoiceAt(entry.Sequence) != entry.Digest);

    /// <summary>This message with each VIEW-CHANGE that has no envelope yet, the sender's own, replaced by one that has.</summary>
    public NewView WithSealed(Func<ViewChange, ViewChange> seal)
    {
        ArgumentNullException.ThrowIfNull(seal);
        return new(View, [.. ViewChanges.Select(one => one.Envelope.IsEmpty ? seal(one) : one)], Decision, Sender, Envelope);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"NEW-VIEW {View} of {string.Join(",", ViewChanges.Select(static one => one.Sender.Index))} {Decision} from {Sender}";
}
