using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>Four replicas and a client in mode Macs, on a network that keeps everything until a test lets it through.</summary>
internal sealed class MacCluster : IDisposable
{
    private readonly TestCluster _keys;
    private readonly Queue<Sent> _network = [];
    private readonly List<MacNode> _others = [];

    public MacCluster(SessionKeyOptions? options = null, int firstSecret = 1, bool meet = true)
    {
        SessionOptions = options;
        _keys = new(firstSecret);
        Membership = _keys.Membership;
        Replicas = [.. Enumerable.Range(0, 4).Select(i => new MacNode(this, SessionParty.Of(new ReplicaId(i)), _keys.Keys[i]).Restart())];
        Client = new MacNode(this, SessionParty.Of(_keys.ClientKey.PublicKey.ClientId), _keys.ClientKey).Restart();
        if (meet) Deliver();
        else _network.Clear();
        Time.Advance(TimeSpan.FromSeconds(1)); // so that what was just said may be said again
    }

    public static ProtocolOptions Options { get; } = TestCluster.Options with { Authentication = AuthenticationMode.Macs };

    public ManualTime Time { get; } = new();

    public SessionKeyOptions? SessionOptions { get; }

    public Membership Membership { get; }

    public TestCluster Keys => _keys;

    public MacNode[] Replicas { get; }

    public MacNode Client { get; }

    /// <summary>All that was ever sent.</summary>
    public List<Sent> Log { get; } = [];

    /// <summary>Whether a message arrives.</summary>
    public Func<Sent, bool> Passes { get; set; } = static _ => true;

    public void Post(SessionParty from, SessionParty to, ReadOnlyMemory<byte> envelope)
    {
        var sent = new Sent(from, to, envelope);
        Log.Add(sent);
        _network.Enqueue(sent);
    }

    /// <summary>Lets everything through, and what is answered.</summary>
    public void Deliver()
    {
        while (_network.TryDequeue(out var sent))
        {
            if (!Passes(sent)) continue;
            NodeOf(sent.To).Receive(sent.Envelope);
            if (!sent.To.IsClient) continue;
            foreach (var other in _others) other.Receive(sent.Envelope);
        }
    }

    /// <summary>Starts another program that has the client's key.</summary>
    public MacNode StartAnotherClient()
    {
        var other = new MacNode(this, Client.Party, _keys.ClientKey).Restart();
        _others.Add(other);
        Deliver();
        Time.Advance(TimeSpan.FromSeconds(1));
        return other;
    }

    public MacNode NodeOf(SessionParty party) => party.IsClient ? Client : Replicas[party.Replica.Index];

    /// <summary>Has a replica say something to one other, and returns the envelope, which arrives nowhere by itself.</summary>
    public byte[] Seal(int from, int to, params IPeerMessage[] messages)
    {
        var before = Log.Count;
        foreach (var message in messages) Replicas[from].Outgoing.Send(ReplicaSet.Empty.With(new(to)), message);
        Replicas[from].Outgoing.Flush();
        _network.Clear();
        return Assert.Single(Log.Skip(before), static sent => sent.Kind != MessageKind.SessionKey).Envelope.ToArray();
    }

    public static Status StatusOf(int sender, long executed = 7) => new(new(0), true, new(0), new(executed), new(sender));

    public void Dispose()
    {
        foreach (var replica in Replicas) replica.Dispose();
        Client.Dispose();
        foreach (var other in _others) other.Dispose();
        _keys.Dispose();
    }

    internal sealed record Sent(SessionParty From, SessionParty To, ReadOnlyMemory<byte> Envelope)
    {
        public MessageKind Kind => (MessageKind)Envelope.Span[1];
    }
}
