using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>A connection that takes replies. Thread-safe.</summary>
public interface IReplyReceiver
{
    /// <summary>Takes a reply. Never waits and never throws: without room, older replies are lost, and their clients ask again.</summary>
    /// <param name="from">The replica that answers.</param>
    /// <param name="envelope">The sealed reply; must not change any more.</param>
    void Send(ReplicaId from, ReadOnlyMemory<byte> envelope);
}
