using OrleansPbft.Core;

namespace OrleansPbft.Faults.Modes;

/// <summary><see cref="FaultMode.Replay"/>: of what it sent and received it keeps some, and sends it again, now and then.</summary>
internal sealed class Replay(BehaviourContext context) : Behaviour(context)
{
    private const int OldMax = 256;
    private const int OldBytesMax = 64 << 10; // 16 MiB at worst

    private readonly List<ReadOnlyMemory<byte>> _old = [];
    private readonly List<ClientEnvelope> _oldReplies = [];

    public override void OnReceived(ReadOnlyMemory<byte> envelope) => Remember(_old, envelope, envelope.Length);

    protected override void Distort(ReplicaSet to, in Effect effect, ICollection<PeerEnvelope> envelopes)
    {
        var honest = Context.Seals.Seal(effect);
        Remember(_old, honest, honest.Length);
        foreach (var peer in to)
        {
            Post(peer, honest, envelopes);
            if (!Context.Random.Chance(SomePerMille)) continue;
            Act();
            Post(peer, _old[Context.Random.Between(0, _old.Count - 1)], envelopes);
        }
    }

    protected override void AddReplies(ReadOnlySpan<Reply> told, ICollection<ClientEnvelope> envelopes)
    {
        if (_oldReplies.Count > 0 && Context.Random.Chance(SomePerMille))
        {
            Act();
            envelopes.Add(_oldReplies[Context.Random.Between(0, _oldReplies.Count - 1)]);
        }

        foreach (var reply in envelopes.ToArray()) Remember(_oldReplies, reply, reply.Bytes.Length);
    }

    private void Remember<T>(List<T> old, T envelope, int bytes)
    {
        if (bytes > OldBytesMax) return;
        if (old.Count < OldMax) old.Add(envelope);
        else if (Context.Random.Chance(100)) old[Context.Random.Between(0, OldMax - 1)] = envelope;
    }
}
