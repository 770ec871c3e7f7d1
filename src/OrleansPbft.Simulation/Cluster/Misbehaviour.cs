using OrleansPbft.Core;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>Turns what a correct replica would send into what a faulty one does. Inside, the faulty replica runs the correct machine.</summary>
internal sealed class Misbehaviour(FaultKind kind, ReplicaId self, ClusterSize cluster, SimulatedWire wire, Prng random, SimulationReport report)
{
    private const int OldMax = 256;

    private readonly List<ReadOnlyMemory<byte>> _old = [];

    public FaultKind Kind => kind;

    /// <summary>Remembers what came in, for a replay.</summary>
    public void OnReceived(ReadOnlyMemory<byte> envelope)
    {
        if (kind != FaultKind.Replay) return;
        if (_old.Count < OldMax) _old.Add(envelope);
        else if (random.Chance(100)) _old[random.Between(0, OldMax - 1)] = envelope;
    }

    /// <summary>Adds what goes to <paramref name="to"/> in place of the message of <paramref name="effect"/>.</summary>
    public void Distort(int to, in Effect effect, List<ReadOnlyMemory<byte>> envelopes)
    {
        switch (kind)
        {
            case FaultKind.Silent:
                report.Count(Mark.ActedSilent);
                return;
            case FaultKind.WrongVotes when effect.IsVote:
                report.Count(Mark.ActedWrongVotes);
                envelopes.Add(wire.Seal(effect.Vote with { Digest = Wrong(effect.Vote.Digest) }));
                return;
            case FaultKind.ConflictingVotes when effect.IsVote:
                Conflict(to, effect.Vote, envelopes);
                return;
            case FaultKind.WrongCheckpoints when effect is { IsVote: false, Message: Checkpoint checkpoint }:
                report.Count(Mark.ActedWrongCheckpoints);
                envelopes.Add(wire.Seal(checkpoint with { Digest = Wrong(checkpoint.Digest) }));
                if (random.Chance(300)) envelopes.Add(wire.Seal(checkpoint));
                return;
        }

        envelopes.Add(wire.Seal(effect));
        if (!effect.IsVote) return;
        switch (kind)
        {
            case FaultKind.Replay when _old.Count > 0 && random.Chance(300):
                report.Count(Mark.ActedReplay);
                envelopes.Add(random.Pick<ReadOnlyMemory<byte>>([.. _old]));
                break;
            case FaultKind.ProposeAsBackup when random.Chance(200):
                report.Count(Mark.ActedProposeAsBackup);
                var batch = BatchEncoding.Encode(new Instant(VirtualTime.Start.Microseconds + random.Between(0, 1_000_000)), []);
                envelopes.Add(wire.Seal(new PrePrepare(effect.Vote.View, effect.Vote.Sequence.Plus(random.Between(0, 2)), batch, self)));
                break;
            case FaultKind.Forge when random.Chance(500):
                report.Count(Mark.ActedForge);
                var victim = new ReplicaId((self.Index + random.Between(1, cluster.Replicas - 1)) % cluster.Replicas);
                envelopes.Add(wire.Forge(self, effect.Vote with { Sender = victim, Digest = Wrong(effect.Vote.Digest) }));
                break;
        }
    }

    /// <summary>What goes to the client in place of <paramref name="reply"/>; null for nothing.</summary>
    public Reply? Distort(Reply reply)
    {
        switch (kind)
        {
            case FaultKind.Silent:
                report.Count(Mark.ActedSilent);
                return null;
            case FaultKind.WrongReplies:
                report.Count(Mark.ActedWrongReplies);
                return random.Between(0, 3) switch
                {
                    0 => new(reply.View, reply.Request, reply.Session, reply.Sequence.Plus(1), reply.Status, reply.Results, self),
                    1 => new(reply.View, reply.Request, reply.Session, reply.Sequence, ReplyStatus.SessionUnknown, default, self),
                    2 => new(new(reply.View.Number + 1), reply.Request, new(reply.Session.Value + 1), reply.Sequence, reply.Status, reply.Results, self),
                    _ => new(reply.View, reply.Request, reply.Session, reply.Sequence, reply.Status, Altered(reply.Results), self),
                };
            default:
                return reply;
        }
    }

    /// <summary>Whether it passes on a request or a proposal of another.</summary>
    public bool Relays()
    {
        if (kind == FaultKind.Silent) report.Count(Mark.ActedSilent);
        return kind != FaultKind.Silent;
    }

    private void Conflict(int to, in Vote vote, List<ReadOnlyMemory<byte>> envelopes)
    {
        report.Count(Mark.ActedConflictingVotes);
        var wrong = vote with { Digest = Wrong(vote.Digest) };
        var side = (to + vote.Sequence.Value) % 3;
        if (side != 0) envelopes.Add(wire.Seal(vote));
        if (side != 1) envelopes.Add(wire.Seal(wrong));
    }

    /// <summary>The same wrong digest for the same right one, so that liars agree with each other.</summary>
    private static Digest Wrong(Digest right)
    {
        Span<byte> bytes = stackalloc byte[Digest.Bytes];
        right.CopyTo(bytes);
        bytes[0] ^= 1;
        return new(bytes);
    }

    private static byte[] Altered(ReadOnlyMemory<byte> results)
    {
        if (results.IsEmpty) return [1];
        var altered = results.ToArray();
        altered[^1] ^= 1;
        return altered;
    }
}
