using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>A node of a cluster in mode Macs: a replica or a client with sessions, and what reaches it.</summary>
internal sealed class MacNode(MacCluster cluster, SessionParty party, KeyPair keyPair) : IEnvelopeSink, IDisposable
{
    private SessionKeys _sessions = null!; // set by Restart
    private EnvelopeOpener _opener = null!;

    public SessionParty Party => party;

    public SessionKeys Sessions => _sessions;

    public EnvelopeOpener Opener => _opener;

    public SignatureVerifier Verifier { get; } = new(new SignatureCache());

    public OutgoingEnvelopes Outgoing { get; private set; } = null!;

    public ClientSealer Client { get; private set; } = null!;

    /// <summary>What it was told and believed.</summary>
    public List<Input> Inputs { get; } = [];

    public List<RejectReason> Rejected { get; } = [];

    /// <summary>Its clock, as far off as a test wants.</summary>
    public SkewedTime Time { get; } = new(cluster.Time);

    /// <summary>Starts it as a new process: with no session at all.</summary>
    public MacNode Restart(SessionKeyOptions? options = null, bool announces = true)
    {
        _sessions?.Dispose();
        _sessions = party.IsClient
            ? SessionKeys.OfClient(cluster.Membership.Id, 4, keyPair, options ?? cluster.SessionOptions, Time)
            : SessionKeys.OfReplica(cluster.Membership.Id, 4, party.Replica, keyPair, options ?? cluster.SessionOptions, Time);
        _sessions.Attach(this);
        _opener = new(cluster.Membership, MacCluster.Options, Verifier, sessions: _sessions);
        if (party.IsClient) Client = new(cluster.Membership.Id, keyPair, new(MacCluster.Options), sessions: _sessions);
        else Outgoing = new(new ReplicaSealer(cluster.Membership.Id, party.Replica, keyPair), new(4), _sessions, this);
        if (announces) _sessions.Announce();
        return this;
    }

    public RejectReason Receive(ReadOnlyMemory<byte> envelope)
    {
        var reason = _opener.TryOpen(envelope, Inputs);
        if (reason != RejectReason.None) Rejected.Add(reason);
        return reason;
    }

    public void ToReplica(ReplicaId to, ReadOnlyMemory<byte> envelope, string? traceParent) => cluster.Post(party, SessionParty.Of(to), envelope);

    public void ToClient(ClientId to, ReadOnlyMemory<byte> envelope) => cluster.Post(party, SessionParty.Of(to), envelope);

    public void Dispose() => _sessions.Dispose();
}
