namespace OrleansPbft.Core;

/// <summary>What a replica says to its peers, but for votes, which are values: its kind, its sender, and its canonical body.</summary>
public interface IPeerMessage
{
    /// <summary>What it is.</summary>
    MessageKind Kind { get; }

    /// <summary>Whose it is: the one identity its seal proves (rule A-1).</summary>
    ReplicaId Sender { get; }

    /// <summary>How many bytes <see cref="WriteBody"/> writes.</summary>
    int BodyBytes { get; }

    /// <summary>What travels behind the seal, bound by a digest in the body; empty for most.</summary>
    ReadOnlyMemory<byte> Payload => default;

    /// <summary>This message as the input that it is at its receiver.</summary>
    Input AsInput();

    /// <summary>Writes the body (docs/wire-format.md).</summary>
    void WriteBody(ref WireWriter writer);
}
