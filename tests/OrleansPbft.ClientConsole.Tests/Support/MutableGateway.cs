using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Links;

namespace OrleansPbft.ClientConsole.Tests.Support;

/// <summary>A gateway behind which replies can be lost.</summary>
internal sealed class MutableGateway(IClientGateway gateway) : IClientGateway
{
    private volatile bool _isMute;

    /// <summary>Whether no reply reaches any client.</summary>
    public bool IsMute
    {
        get => _isMute;
        set => _isMute = value;
    }

    public ClusterId Cluster => gateway.Cluster;

    public EnvelopeOpener Opener => gateway.Opener;

    public bool Serves(ReplicaId replica) => gateway.Serves(replica);

    public IClientLink Attach(IReplyReceiver replies) => gateway.Attach(new Receiver(this, replies));

    private sealed class Receiver(MutableGateway gateway, IReplyReceiver replies) : IReplyReceiver
    {
        public void Send(ReplicaId from, ReadOnlyMemory<byte> envelope)
        {
            if (!gateway.IsMute) replies.Send(from, envelope);
        }
    }
}
