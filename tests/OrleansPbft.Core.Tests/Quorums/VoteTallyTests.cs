using FsCheck;
using FsCheck.Fluent;
using OrleansPbft.Tests;

namespace OrleansPbft.Core.Tests;

/// <summary>N-6: one vote of each replica for a digest, whatever is sent, how often and in which order.</summary>
public sealed class VoteTallyTests
{
    private static readonly Digest[] Digests = [Make.Digest("a"), Make.Digest("b"), Make.Digest("c")];

    private static Gen<(ReplicaId Voter, Digest Digest)> AnyVote(int n) =>
        from voter in Gen.Choose(0, n - 1)
        from digest in Gen.Elements(Digests)
        select (new ReplicaId(voter), digest);

    /// <summary>The first vote of a replica stands: the same again is a repeat, another is evidence, and neither changes a count.</summary>
    [Fact]
    public void It_counts_the_first_vote_of_each_replica()
    {
        PropertyCheck.HoldsForSteps(AnyVote(7), votes =>
        {
            var tally = new VoteTally(7);
            var first = new Dictionary<ReplicaId, Digest>();
            foreach (var (voter, digest) in votes)
            {
                var expected =
                    first.TryAdd(voter, digest) ? VoteOutcome.Counted :
                    first[voter] == digest ? VoteOutcome.Duplicate :
                    VoteOutcome.Equivocation;

                Assert.Equal(expected, tally.Count(voter, digest));
                Assert.Equal(first.Count, tally.Voters.Count);
            }

            foreach (var digest in Digests)
            {
                Assert.Equal(first.Where(v => v.Value == digest).Select(v => v.Key.Index).Order(), tally.For(digest).ToIndexes());
            }

            Assert.All(first, vote => Assert.Equal(vote.Value, tally.VoteOf(vote.Key)));
        });
    }

    [Fact]
    public void A_digest_is_agreed_on_exactly_when_enough_replicas_voted_for_it()
    {
        var input = from n in Gen.Choose(4, 16)
                    from votes in Gen.ArrayOf(AnyVote(n))
                    select (Cluster: new ClusterSize(n), votes);
        var (agreed, undecided) = (0, 0);

        PropertyCheck.Holds(
            input,
            i =>
            {
                var tally = Count(i.Cluster, i.votes);
                var enough = Digests.Where(d => i.votes.DistinctBy(v => v.Voter).Count(v => v.Digest == d) >= i.Cluster.Quorum).ToArray();

                Assert.Equal(enough is [var only] ? only : null, tally.Agreed(i.Cluster.Quorum));
                if (enough.Length > 0) agreed++;
                else undecided++;
            },
            tests: 2000);

        Assert.True(agreed > 0 && undecided > 0);
    }

    [Fact]
    public void The_order_of_arrival_does_not_matter()
    {
        var input = from votes in Gen.ArrayOf(AnyVote(10))
                    let once = votes.DistinctBy(static v => v.Voter).ToArray()
                    from shuffled in Gen.Shuffle(once.Concat(once)) // each twice: repeats count once
                    select (once, shuffled);

        PropertyCheck.Holds(input, i =>
        {
            var (one, other) = (Count(new(10), i.once), Count(new(10), i.shuffled));
            Assert.Equal(one.Voters, other.Voters);
            Assert.All(Digests, digest => Assert.Equal(one.For(digest), other.For(digest)));
            Assert.Equal(one.Agreed(7), other.Agreed(7));
        });
    }

    /// <summary>
    /// Safety itself: correct replicas vote alike everywhere, up to f faulty ones tell two observers different things. Where both observers see a
    /// quorum they see the same. With f + 1 faulty ones that is not so, which shows that the property is about the threshold.
    /// </summary>
    [Fact]
    public void Two_observers_never_agree_on_different_digests_while_at_most_f_vote_twice()
    {
        var safe = Observers(extraFaulty: 0);
        var unsafeOnes = Observers(extraFaulty: 1);
        var (bothAgreed, split) = (0, 0);

        PropertyCheck.Holds(
            safe,
            i =>
            {
                var (one, other) = (Count(i.Cluster, i.AtOne).Agreed(i.Cluster.Quorum), Count(i.Cluster, i.AtOther).Agreed(i.Cluster.Quorum));
                if (one is null || other is null) return;
                Assert.Equal(one, other);
                bothAgreed++;
            },
            tests: 2000);
        PropertyCheck.Holds(
            unsafeOnes,
            i =>
            {
                var (one, other) = (Count(i.Cluster, i.AtOne).Agreed(i.Cluster.Quorum), Count(i.Cluster, i.AtOther).Agreed(i.Cluster.Quorum));
                if (one is not null && other is not null && one != other) split++;
            },
            tests: 2000);

        if (!PropertyCheck.IsThorough(usual: 2000)) return;
        Assert.True(bothAgreed > 100, $"{bothAgreed} of 2000 cases had two quorums.");
        Assert.True(split > 0, "f + 1 faulty replicas never split the observers.");
    }

    [Fact]
    public void A_cleared_tally_has_no_votes()
    {
        var tally = Count(new(4), [(new(0), Digests[0]), (new(1), Digests[0]), (new(2), Digests[0])]);
        tally.Clear();

        Assert.Equal((ReplicaSet.Empty, null), (tally.Voters, tally.Agreed(3)));
        Assert.Equal(VoteOutcome.Counted, tally.Count(new(0), Digests[1]));
    }

    /// <summary>What two observers receive of n replicas, the last of which are faulty; correct ones mostly vote for one digest.</summary>
    private static Gen<(ClusterSize Cluster, (ReplicaId Voter, Digest Digest)[] AtOne, (ReplicaId Voter, Digest Digest)[] AtOther)> Observers(int extraFaulty) =>
        from n in Gen.Choose(4, 10)
        let cluster = new ClusterSize(n)
        let correct = n - cluster.MaxFaulty - extraFaulty
        from votes in Gen.ArrayOf(Gen.Elements(Digests[0], Digests[0], Digests[1]), correct)
        from toOne in Gen.ArrayOf(Gen.Elements(Digests[0], Digests[1]), n - correct)
        from toOther in Gen.ArrayOf(Gen.Elements(Digests[0], Digests[1]), n - correct)
        select (cluster, Votes(votes.Concat(toOne)), Votes(votes.Concat(toOther)));

    private static (ReplicaId Voter, Digest Digest)[] Votes(IEnumerable<Digest> digests) => [.. digests.Select(static (d, i) => (new ReplicaId(i), d))];

    private static VoteTally Count(ClusterSize cluster, IEnumerable<(ReplicaId Voter, Digest Digest)> votes)
    {
        var tally = new VoteTally(cluster.Replicas);
        foreach (var (voter, digest) in votes) tally.Count(voter, digest);
        return tally;
    }
}
