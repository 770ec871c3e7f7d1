namespace OrleansPbft.Core;

/// <summary>⟨SUSPECT, v, i⟩: replica i finds that view v does not work, and goes on working in it (rule VC-1). f + 1 end the view.</summary>
/// <param name="View">v.</param>
/// <param name="Sender">i.</param>
/// <param name="Envelope">The sealed bytes as received, to be relayed; empty in one's own.</param>
public sealed record Suspect(View View, ReplicaId Sender, ReadOnlyMemory<byte> Envelope = default) : IPeerMessage
{
    /// <inheritdoc/>
    public MessageKind Kind => MessageKind.Suspect;

    /// <inheritdoc/>
    public int BodyBytes => MessageEncoding.SuspectBodyBytes;

    /// <inheritdoc/>
    public Input AsInput() => Input.Of(this);

    /// <inheritdoc/>
    public void WriteBody(ref WireWriter writer) => writer.WriteInt64(View.Number);

    /// <inheritdoc/>
    public override string ToString() => $"SUSPECT {View} from {Sender}";
}
