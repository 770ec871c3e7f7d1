using FsCheck.Fluent;
using OrleansPbft.Tests;

namespace OrleansPbft.Core.Tests;

/// <summary>The thresholds that safety and liveness rest on, for every n there can be (LESSONS B8, B9).</summary>
public sealed class ClusterSizeTests
{
    public static TheoryData<int> Sizes => [1, .. Enumerable.Range(4, ClusterSize.ReplicasMax - 3)];

    [Theory, MemberData(nameof(Sizes))]
    public void F_is_the_most_faults_that_n_replicas_survive(int n)
    {
        var cluster = new ClusterSize(n);

        Assert.True(n >= (3 * cluster.MaxFaulty) + 1);
        Assert.True(n < (3 * (cluster.MaxFaulty + 1)) + 1);
    }

    /// <summary>The two quorums that share the fewest replicas: the first q and the last q.</summary>
    [Theory, MemberData(nameof(Sizes))]
    public void Two_quorums_share_a_correct_replica(int n)
    {
        var cluster = new ClusterSize(n);
        var first = ReplicaSet.FirstN(cluster.Quorum);
        var last = ReplicaSet.Empty;
        for (var i = n - cluster.Quorum; i < n; i++) last = last.With(new(i));

        var shared = new ReplicaSet(first.Bits & last.Bits);

        Assert.True(shared.Count >= cluster.MaxFaulty + 1, $"{cluster}: {shared}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public void A_quorum_is_there_with_f_replicas_silent(int n)
    {
        var cluster = new ClusterSize(n);

        Assert.True(n - cluster.MaxFaulty >= cluster.Quorum, $"{cluster}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public void A_quorum_is_no_larger_than_two_of_them_need_to_share_a_correct_replica(int n)
    {
        var cluster = new ClusterSize(n);

        Assert.True((2 * (cluster.Quorum - 1)) - n < cluster.MaxFaulty + 1, $"{cluster}");
    }

    [Theory, MemberData(nameof(Sizes))]
    public void A_weak_quorum_has_a_correct_replica_and_one_less_may_not(int n)
    {
        var cluster = new ClusterSize(n);

        Assert.Equal(cluster.MaxFaulty, cluster.WeakQuorum - 1);
        Assert.True(cluster.WeakQuorum <= cluster.Quorum);
    }

    [Theory, MemberData(nameof(Sizes))]
    public void At_3f_plus_1_replicas_a_quorum_is_2f_plus_1(int n)
    {
        var cluster = new ClusterSize(n);
        var f = cluster.MaxFaulty;

        Assert.Equal(n == (3 * f) + 1, cluster.Quorum == (2 * f) + 1 && n <= (3 * f) + 1);
        Assert.Equal(cluster.Quorum - 1, cluster.PreparesNeeded);
    }

    [Theory, MemberData(nameof(Sizes))]
    public void Every_replica_has_its_turn_as_primary(int n)
    {
        var cluster = new ClusterSize(n);
        var primaries = Enumerable.Range(0, n).Select(view => cluster.PrimaryOf(new(long.MaxValue - view))).ToHashSet();

        Assert.Equal(n, primaries.Count);
        Assert.All(primaries, primary => Assert.True(cluster.Contains(primary) && cluster.All.Contains(primary)));
        Assert.False(cluster.Contains(new(n)));
        Assert.False(cluster.Contains(new(-1)));
    }

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(65)]
    [InlineData(100)]
    [InlineData(int.MaxValue)]
    public void Other_sizes_are_refused(int n) => Assert.Throws<ArgumentOutOfRangeException>(() => new ClusterSize(n));

    /// <summary>Not only the two worst: any two sets of q replicas.</summary>
    [Fact]
    public void Any_two_quorums_share_a_correct_replica()
    {
        var input = from n in Gen.Choose(4, ClusterSize.ReplicasMax)
                    from one in Gen.Shuffle(Enumerable.Range(0, n))
                    from other in Gen.Shuffle(Enumerable.Range(0, n))
                    select (Cluster: new ClusterSize(n), one, other);

        PropertyCheck.Holds(input, i =>
        {
            var shared = i.one.Take(i.Cluster.Quorum).Intersect(i.other.Take(i.Cluster.Quorum)).Count();
            Assert.True(shared > i.Cluster.MaxFaulty, $"{i.Cluster}: {shared} shared");
        });
    }
}
