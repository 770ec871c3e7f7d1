using OrleansPbft.Core;

namespace OrleansPbft.Faults;

/// <summary>What a faulty replica seals with: its own key, under whatever it likes to say.</summary>
public interface ISeals
{
    /// <summary>Seals what its correct machine broadcasts or sends, whatever the kind.</summary>
    byte[] Seal(in Effect effect);

    /// <summary>Seals a vote of its own.</summary>
    byte[] Seal(in Vote vote);

    /// <summary>Seals a message of its own to peers.</summary>
    byte[] Seal(IPeerMessage message);

    /// <summary>Seals replies of its own; the envelopes come in the order of the replies.</summary>
    byte[][] Seal(ReadOnlySpan<Reply> replies);

    /// <summary>Seals replies of its own to reads; the envelopes come in their order.</summary>
    byte[][] Seal(ReadOnlySpan<ReadReply> replies);

    /// <summary>Seals a vote in the name of its sender, who is another, with this replica's key: what no opener may believe.</summary>
    byte[] Forge(in Vote vote);

    /// <summary>The same with a reply.</summary>
    byte[] Forge(Reply reply);
}
