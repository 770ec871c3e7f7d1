using System.Runtime.InteropServices;
using OrleansPbft.Core;
using OrleansPbft.Faults.Modes;

namespace OrleansPbft.Faults;

/// <summary>Turns what a correct replica would take in and send into what a faulty one does.</summary>
/// <remarks>
/// <para>A decorator around the host's input and output; the machines inside stay correct and know nothing of it. This class by itself is
/// correct: each mode overrides where it is not. Messages that a mode does not know pass through it like any other.</para>
/// <para>Deterministic: the same calls and the same seed give the same envelopes. Not thread-safe. What it remembers is bounded.</para>
/// </remarks>
public abstract class Behaviour
{
    /// <summary>How often a mode does what it does only to some messages, in a thousand.</summary>
    protected const int SomePerMille = 300;

    private readonly List<Reply> _replies = [];

    /// <summary>Begins to behave.</summary>
    protected Behaviour(BehaviourContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Context = context;
    }

    /// <summary>How often it did what a correct replica does not.</summary>
    public long Acts { get; private set; }

    /// <summary>How long everything it sends to others waits before it leaves; the host keeps the order.</summary>
    public virtual TimeSpan Delay => TimeSpan.Zero;

    /// <summary>Whether the host is to stop driving its machines.</summary>
    public virtual bool IsPaused => false;

    /// <summary>What it knows of itself.</summary>
    protected BehaviourContext Context { get; }

    /// <summary>What a replica with a fault does.</summary>
    public static Behaviour Of(Fault fault, BehaviourContext context)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault.Mode switch
        {
            FaultMode.Silent => new Silent(context),
            FaultMode.Stuck => new Stuck(context),
            FaultMode.Wrong => new Wrong(context),
            FaultMode.Lie => new Lie(context),
            FaultMode.Equivocate => new Equivocate(context),
            FaultMode.Slow => new Slow(context),
            FaultMode.Censor => new Censor(context, fault.Client),
            FaultMode.Forge => new Forge(context),
            FaultMode.Replay => new Replay(context),
            FaultMode.Corrupt => new Corrupt(context),
            FaultMode.Drop => new Drop(context, fault.Rate),
            FaultMode.Crash => new Crash(context),
            _ => throw new ArgumentException($"{fault.Mode} is no fault.", nameof(fault)),
        };
    }

    /// <summary>An envelope of another came in, of a peer or a client; nothing in it is authenticated yet.</summary>
    public virtual void OnReceived(ReadOnlyMemory<byte> envelope)
    {
    }

    /// <summary>Whether a machine of the replica, its <see cref="Replica"/> or its <see cref="Leader"/>, gets to see an input.</summary>
    public virtual bool Takes(in Input input) => true;

    /// <summary>Adds what leaves in place of a message that is broadcast or sent.</summary>
    /// <param name="to">Whom the correct machine means.</param>
    /// <param name="effect">The message.</param>
    /// <param name="envelopes">Takes what leaves, in order.</param>
    public void Send(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
    {
        ArgumentNullException.ThrowIfNull(envelopes);
        if (to.Contains(Context.Self)) envelopes.Add(new(Context.Self, Context.Seals.Seal(effect))); // what it tells itself is true
        var others = to.Without(Context.Self);
        if (others.Count > 0) Distort(others, effect, envelopes);
    }

    /// <summary>Adds what leaves in place of an envelope of another that is passed on.</summary>
    public void Relay(ReplicaId to, ReadOnlyMemory<byte> envelope, ICollection<PeerEnvelope> envelopes)
    {
        ArgumentNullException.ThrowIfNull(envelopes);
        DistortRelay(to, envelope, envelopes);
    }

    /// <summary>Adds what leaves in place of replies, which are sealed together.</summary>
    public void Reply(ReadOnlySpan<Reply> replies, ICollection<ClientEnvelope> envelopes)
    {
        ArgumentNullException.ThrowIfNull(envelopes);
        _replies.Clear();
        foreach (var reply in replies)
        {
            if (Distort(reply) is { } distorted) _replies.Add(distorted);
        }

        if (_replies.Count == 0) return;
        var told = CollectionsMarshal.AsSpan(_replies);
        var sealedReplies = Context.Seals.Seal(told);
        for (var i = 0; i < sealedReplies.Length; i++)
        {
            if (OnLeaving(sealedReplies[i]) is { } leaving) envelopes.Add(new(told[i].Request.Client, leaving));
        }

        AddReplies(told, envelopes);
    }

    /// <summary>Adds what leaves in place of replies to reads.</summary>
    public void Reply(ReadOnlySpan<ReadReply> replies, ICollection<ClientEnvelope> envelopes)
    {
        ArgumentNullException.ThrowIfNull(envelopes);
        var told = new List<ReadReply>(replies.Length);
        foreach (var reply in replies)
        {
            if (Distort(reply) is { } distorted) told.Add(distorted);
        }

        if (told.Count == 0) return;
        var sealedReplies = Context.Seals.Seal(CollectionsMarshal.AsSpan(told));
        for (var i = 0; i < sealedReplies.Length; i++)
        {
            if (OnLeaving(sealedReplies[i]) is { } leaving) envelopes.Add(new(told[i].Client, leaving));
        }
    }

    /// <summary>Adds what goes to others in place of a message.</summary>
    protected virtual void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
    {
        var honest = Context.Seals.Seal(effect);
        foreach (var peer in to) Post(peer, honest, envelopes);
    }

    /// <summary>Adds what goes to a peer in place of an envelope of another.</summary>
    protected virtual void DistortRelay(ReplicaId to, ReadOnlyMemory<byte> envelope, ICollection<PeerEnvelope> envelopes) =>
        Post(to, envelope, envelopes);

    /// <summary>What a client is told in place of a reply; null for nothing.</summary>
    protected virtual Reply? Distort(Reply reply) => reply;

    /// <summary>What a client is told in place of a reply to a read; null for nothing.</summary>
    protected virtual ReadReply? Distort(ReadReply reply) => reply;

    /// <summary>Adds what clients are sent beside the replies just told.</summary>
    protected virtual void AddReplies(ReadOnlySpan<Reply> told, ICollection<ClientEnvelope> envelopes)
    {
    }

    /// <summary>The last stop of every envelope on its way to another: itself, another in its place, or null to lose it.</summary>
    protected virtual ReadOnlyMemory<byte>? OnLeaving(ReadOnlyMemory<byte> envelope) => envelope;

    /// <summary>Sends an envelope on its way.</summary>
    protected void Post(ReplicaId to, ReadOnlyMemory<byte> envelope, ICollection<PeerEnvelope> envelopes)
    {
        ArgumentNullException.ThrowIfNull(envelopes);
        if (OnLeaving(envelope) is { } leaving) envelopes.Add(new(to, leaving));
    }

    /// <summary>Which of the others a peer is, counted from this replica on: 1 to n - 1.</summary>
    protected int DistanceTo(ReplicaId peer) => (peer.Index - Context.Self.Index + Context.Cluster.Replicas) % Context.Cluster.Replicas;

    /// <summary>It did what a correct replica does not.</summary>
    protected void Act()
    {
        Acts++;
        Context.OnActed?.Invoke();
    }
}
