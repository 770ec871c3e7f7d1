namespace OrleansPbft.Core.Tests;

/// <summary>Replicas that began without their journal, and what their peers say to them. K = 4, L = 8.</summary>
internal static class Learners
{
    public const long Life = 77;

    public static readonly PrePrepare First = Make.PrePrepare(1, Make.Open());

    public static ReplicaUnderTest Learner(int self = 1, Func<ProtocolOptions, ProtocolOptions>? configure = null, long life = Life) =>
        new(self, configure: configure, life: life);

    public static Status Member(int sender, long prepared = 0, long view = 0) =>
        new(new(view), true, SequenceNumber.Zero, SequenceNumber.Zero, new(sender)) { HighestPrepared = new(prepared), Echo = Life };

    public static Status Asking(int sender, long life) => new(View.Initial, true, SequenceNumber.Zero, SequenceNumber.Zero, new(sender)) { Life = life };

    public static void Vouched(ReplicaUnderTest learner, params int[] by)
    {
        learner.Remember([.. by.SelectMany(i => learner.Step(Member(i) with { Vouches = true }))]);
        Assert.False(learner.Replica.IsLearner);
    }

    public static void Later(ReplicaUnderTest replica) => replica.Now = replica.Now.Plus(replica.Options.StatusInterval);

    public static PrePrepare Proposal(int n) => n == 1 ? First : Make.PrePrepare(n, Make.Request(n - 1));

    public static ViewChange At(int sender, HeldCheckpoint held, long view = 1) =>
        new(new(view), held.Sequence, [held], [], [], new(sender), Make.Bytes($"at {sender} {view}"));

    /// <summary>The others commit all up to <paramref name="last"/>; it executes with them.</summary>
    public static Digest Follow(ReplicaUnderTest learner, int last, int from = 1, List<Effect>? said = null)
    {
        for (var n = from; n <= last; n++)
        {
            said?.AddRange(learner.Step(Proposal(n)));
            if (said is null) learner.Step(Proposal(n));
            foreach (var i in Enumerable.Range(0, 4).Where(i => i != learner.Replica.Snapshot().Id.Index))
            {
                var effects = learner.Step(Make.Commit(Proposal(n), i));
                said?.AddRange(effects);
            }
        }

        Assert.Equal(new(last), learner.Replica.LastExecuted);
        return learner.State.ComputeDigest();
    }

    public static void Stabilise(ReplicaUnderTest learner, int n, List<Effect> said)
    {
        Follow(learner, n, from: n - 3, said: said);
        StabiliseAt(learner, n, said);
    }

    /// <summary>The others say the checkpoint at <paramref name="n"/>, where it stands.</summary>
    public static void StabiliseAt(ReplicaUnderTest learner, int n, List<Effect> said)
    {
        var digest = learner.State.ComputeDigest();
        var effects = Enumerable.Range(0, 4).Where(i => i != learner.Replica.Snapshot().Id.Index)
            .SelectMany(i => learner.Step(new Checkpoint(new(n), digest, new(i)))).ToArray();
        said.AddRange(effects);
        learner.Remember(effects);
        Assert.Equal(new(n), learner.Replica.StableCheckpoint);
    }

    public static ReplicaUnderTest Returned(out Digest digest)
    {
        var learner = Learner();
        foreach (var i in new[] { 0, 2, 3 }) learner.Step(Member(i));
        Stabilise(learner, 4, []);
        Stabilise(learner, 8, []);
        Assert.False(learner.Replica.IsLearner);
        digest = learner.State.ComputeDigest();
        return learner;
    }

    public static IEnumerable<T> Said<T>(ReplicaUnderTest replica) =>
        replica.Effects.Where(static e => e is { Kind: EffectKind.Send or EffectKind.Broadcast, IsVote: false, Message: T }).Select(static e => (T)e.Message);
}
