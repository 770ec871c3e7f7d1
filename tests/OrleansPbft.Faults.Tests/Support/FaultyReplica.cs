using System.Collections.Immutable;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Services;

namespace OrleansPbft.Faults.Tests.Support;

/// <summary>One replica of four with real keys: its correct machines, stepped by hand, behind a behaviour. What leaves is opened as peers open it.</summary>
internal sealed class FaultyReplica : IDisposable
{
    public static readonly ClusterSize Cluster = new(4);
    public static readonly Instant Noon = new(1_700_000_000_000_000);

    private readonly ImmutableArray<KeyPair> _keys = [.. Enumerable.Range(1, 4).Select(KeyOf)];
    private readonly KeyPair _clientKey = KeyOf(101);
    private readonly KeyPair _otherClientKey = KeyOf(102);
    private readonly Membership _membership;
    private readonly EnvelopeOpener _opener;
    private readonly Replica _machine;
    private readonly Leader _leader;
    private readonly Outbox _outbox = new();
    private readonly int _self;

    public FaultyReplica(Fault fault, int self = 1, ulong seed = 1)
        : this(self, seed, context => Behaviour.Of(fault, context))
    {
    }

    public FaultyReplica(int self, ulong seed, Func<BehaviourContext, Behaviour> behaviour)
    {
        _self = self;
        _membership = new([.. _keys.Select(static key => key.PublicKey)]);
        _opener = new(_membership, Options, new(new()));
        Client = new(_membership.Id, _clientKey, _opener.Limits);
        OtherClient = new(_membership.Id, _otherClientKey, _opener.Limits);
        _machine = new(new(self), Options, new(Options, _membership.Id, new KeyValueStore()));
        _leader = new(new(self), Options);
        var context = new BehaviourContext(new(self), Cluster, new ReplicaSeals(_membership.Id, new(self), _keys[self]), new(seed));
        Behaviour = behaviour(context with { Timeout = Options.RequestTimeout, OnActed = () => ActsSeen++ });
        Do(_machine.Start);
    }

    public static ProtocolOptions Options { get; } = new() { Cluster = Cluster, CheckpointInterval = 1, LogWindow = 8 };

    public Behaviour Behaviour { get; }

    public long ActsSeen { get; private set; }

    public ClientSealer Client { get; }

    public ClientSealer OtherClient { get; }

    /// <summary>What it really sent so far, in order.</summary>
    public List<PeerEnvelope> Sent { get; } = [];

    /// <summary>What it really sent to clients so far, in order.</summary>
    public List<ClientEnvelope> Answered { get; } = [];

    /// <summary>What its correct machine wanted to tell clients so far.</summary>
    public List<Reply> Meant { get; } = [];

    /// <summary>The same of replies to reads.</summary>
    public List<ClientEnvelope> AnsweredToReaders { get; } = [];

    /// <summary>The same of replies to reads.</summary>
    public List<ReadReply> MeantToReaders { get; } = [];

    /// <summary>The votes of a phase that a peer gets to see, with the digest.</summary>
    public Vote[] VotesTo(int peer, VotePhase phase) =>
        [.. Opened(peer).Where(input => input.Kind == InputKind.Vote && input.Vote.Phase == phase).Select(static input => input.Vote)];

    public Checkpoint[] CheckpointsTo(int peer) =>
        [.. Opened(peer).Where(static input => input.Kind == InputKind.Checkpoint).Select(static input => input.Checkpoint)];

    public ViewChange[] ViewChangesTo(int peer) =>
        [.. Opened(peer).Where(static input => input.Kind == InputKind.ViewChange).Select(static input => input.ViewChange)];

    public PrePrepare[] ProposalsTo(int peer) =>
        [.. Opened(peer).Where(static input => input.Kind == InputKind.PrePrepare).Select(static input => input.PrePrepare)];

    public Reply[] Replies() => [.. Answered.Select(answer => Open(answer.Bytes)).Where(static input => input is not null).Select(static input => input!.Value.Reply)];

    /// <summary>The envelope as a peer reads it; null where it is refused.</summary>
    public Input? Open(ReadOnlyMemory<byte> envelope) => _opener.TryOpen(envelope, out var input) == RejectReason.None ? input : null;

    public int CountRefused() =>
        Sent.Count(envelope => Open(envelope.Bytes) is null) + Answered.Count(envelope => Open(envelope.Bytes) is null);

    /// <summary>Has the cluster agree on a batch at the next number, whatever the faulty replica says; it executes and answers.</summary>
    public PrePrepare Execute(long sequence, params ReadOnlySpan<Request> requests)
    {
        var batch = BatchEncoding.Encode(Noon.Plus(TimeSpan.FromMilliseconds(sequence)), [.. requests]);
        var proposal = new PrePrepare(new(0), new(sequence), batch, new(0), new byte[1]);
        Step(Input.Of(proposal));
        for (var i = 1; i < 4; i++) Step(Input.Of(new Vote(VotePhase.Prepare, proposal.View, proposal.Sequence, batch.Digest, new(i))));
        for (var i = 0; i < 4; i++) Step(Input.Of(new Vote(VotePhase.Commit, proposal.View, proposal.Sequence, batch.Digest, new(i))));
        return proposal;
    }

    /// <summary>Opens session 1 of the client at n = 1.</summary>
    public FaultyReplica WithSession()
    {
        Execute(1, Client.SealOpenSession(7));
        return this;
    }

    public Request Put(long number, string value) => Client.SealRequest(new(1), number, [KeyValueOperation.Put("key", Encode(value))]);

    /// <summary>Has the client read what <see cref="Put"/> wrote.</summary>
    public void Read(long number) => Step(Input.Of(Client.SealRead(number, [KeyValueOperation.Get("key")])));

    public void Step(in Input input)
    {
        if (!Behaviour.Takes(input)) return;
        var taken = input;
        Do((now, outbox) => _machine.Step(now, taken, outbox));
    }

    /// <summary>Has its leader lead view 0 (or, of replica i, view i) and propose requests.</summary>
    public void Propose(params ReadOnlySpan<Request> requests)
    {
        Lead(LeaderInput.Of(new LeaderUpdate(new(_self), true, new(1), new(0), new(0), Noon)));
        foreach (var request in requests) Lead(LeaderInput.Of(request));
    }

    public void Dispose()
    {
        foreach (var key in _keys) key.Dispose();
        _clientKey.Dispose();
        _otherClientKey.Dispose();
    }

    private static byte[] Encode(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static KeyPair KeyOf(int secret)
    {
        var bytes = new byte[KeyPair.SecretBytes];
        bytes[^1] = (byte)secret;
        return KeyPair.FromSecret(bytes);
    }

    private IEnumerable<Input> Opened(int peer) =>
        Sent.Where(envelope => envelope.To.Index == peer).Select(envelope => Open(envelope.Bytes)).Where(static input => input is not null).Select(static input => input!.Value);

    private void Lead(LeaderInput input)
    {
        if (input.Kind == LeaderInputKind.Order && !Behaviour.Takes(Input.Of(input.Request))) return;
        Do((now, outbox) => _leader.Step(now, input, outbox));
    }

    private void Do(Action<Instant, Outbox> step)
    {
        _outbox.Clear();
        step(Noon, _outbox);
        var replies = new List<Reply>();
        var reads = new List<ReadReply>();
        foreach (var effect in _outbox.Effects)
        {
            switch (effect.Kind)
            {
                case EffectKind.Broadcast:
                    Behaviour.Send(!effect.IsVote && effect.Message is PrePrepare ? Cluster.All : Cluster.All.Without(new(_self)), effect, Sent);
                    break;
                case EffectKind.Send:
                    Behaviour.Send(ReplicaSet.Empty.With(effect.To), effect, Sent);
                    break;
                case EffectKind.Relay:
                    Behaviour.Relay(effect.To, effect.Envelope, Sent);
                    break;
                case EffectKind.Reply:
                    replies.Add(effect.ReplyMessage);
                    break;
                case EffectKind.AnswerRead:
                    reads.Add(effect.ReadReplyMessage);
                    break;
            }
        }

        Meant.AddRange(replies);
        Behaviour.Reply(replies.ToArray(), Answered);
        MeantToReaders.AddRange(reads);
        Behaviour.Reply(reads.ToArray(), AnsweredToReaders);
    }
}
