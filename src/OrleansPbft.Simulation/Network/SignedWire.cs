using System.Buffers.Binary;
using System.Collections.Immutable;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Simulation.Network;

/// <summary>The real thing: every node seals with a key of its own and opens as a silo does.</summary>
internal class SignedWire : SimulatedWire
{
    private const int FirstClientSecret = 1000;

    private readonly ImmutableArray<KeyPair> _keys;
    private readonly ImmutableArray<ReplicaSealer> _sealers;
    private readonly WireLimits _limits;
    private readonly Dictionary<int, (KeyPair Key, ClientSealer Sealer)> _clients = [];
    private readonly EnvelopeOpener _opener;

    public SignedWire(ProtocolOptions options)
    {
        Options = options;
        _limits = new(options);
        _keys = [.. Enumerable.Range(1, options.Cluster.Replicas).Select(KeyOf)];
        Membership = new Membership([.. _keys.Select(static key => key.PublicKey)]);
        Cluster = Membership.Id;
        _sealers = [.. _keys.Select((key, i) => new ReplicaSealer(Cluster, new(i), key))];
        _opener = new(Membership, options, new(new()));
    }

    public override ClusterId Cluster { get; }

    public override bool IsSigned => true;

    protected ProtocolOptions Options { get; }

    protected Membership Membership { get; }

    public override ClientId ClientOf(int client) => Client(client).Client;

    public override byte[] Seal(in Vote vote) => _sealers[vote.Sender.Index].Seal(vote);

    public override byte[] Seal(IPeerMessage message) => _sealers[message.Sender.Index].Seal(message);

    public override byte[][] Seal(ReadOnlySpan<Reply> replies) => replies.IsEmpty ? [] : _sealers[replies[0].Sender.Index].SealReplies(replies);

    public override byte[][] Seal(ReadOnlySpan<ReadReply> replies) => replies.IsEmpty ? [] : _sealers[replies[0].Sender.Index].SealReplies([], replies);

    public override Read SealRead(int client, long number, ReadOnlySpan<ReadOnlyMemory<byte>> operations) => Client(client).SealRead(number, operations);

    public override Request SealRequest(int client, SessionId session, long number, ReadOnlySpan<ReadOnlyMemory<byte>> operations) =>
        session == SessionId.None ? Client(client).SealOpenSession(number) : Client(client).SealRequest(session, number, operations);

    public override byte[] Forge(ReplicaId forger, in Vote vote) => new ReplicaSealer(Cluster, vote.Sender, _keys[forger.Index]).Seal(vote);

    public override byte[] Forge(ReplicaId forger, Reply reply) => new ReplicaSealer(Cluster, reply.Sender, _keys[forger.Index]).SealReplies([reply])[0];

    public override RejectReason TryOpen(ReadOnlyMemory<byte> envelope, out Input input) => _opener.TryOpen(envelope, out input);

    public override void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        foreach (var key in _keys) key.Dispose();
        foreach (var (key, _) in _clients.Values) key.Dispose();
    }

    protected ReplicaSealer SealerOf(ReplicaId replica) => _sealers[replica.Index];

    protected KeyPair KeyOf(ReplicaId replica) => _keys[replica.Index];

    /// <summary>What a client seals with.</summary>
    protected virtual ClientSealer MakeSealer(int client, KeyPair key) => new(Cluster, key, _limits);

    protected ClientSealer Client(int client)
    {
        if (_clients.TryGetValue(client, out var known)) return known.Sealer;
        var key = KeyOf(FirstClientSecret + client);
        var sealer = MakeSealer(client, key);
        _clients.Add(client, (key, sealer));
        return sealer;
    }

    private static KeyPair KeyOf(int secret)
    {
        var bytes = new byte[KeyPair.SecretBytes];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(KeyPair.SecretBytes - sizeof(int)), secret);
        return KeyPair.FromSecret(bytes);
    }
}
