namespace OrleansPbft.Core.Tests;

/// <summary>D-5, ADR 0014: whole clusters that begin, and replicas of them that lose their journals. K = 4, L = 8.</summary>
public sealed class LostJournalTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private long _number;

    /// <summary>All journals are new: nobody needs an operator, and nobody the last one to start.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public void A_new_cluster_begins_by_itself_without_those_that_are_down(int replicas)
    {
        var f = new ClusterSize(replicas).MaxFaulty;
        int[] down = [.. Enumerable.Range(replicas - f, f)];
        var cluster = new ClusterUnderTest(replicas, hasLives: true, down: down);

        int[] up = [.. Enumerable.Range(0, replicas - f)];
        Assert.All(up, i => Assert.Equal(LifeStage.Original, StageOf(cluster, i)));
        cluster.Submit(Make.Open());
        cluster.AssertAllAt(1, up);
        Assert.All(down, i => Assert.True(cluster[i].Replica.IsLearner));
    }

    /// <summary>What is sent while the others are not there yet is lost, and sent again.</summary>
    [Fact]
    public void It_begins_although_the_first_words_are_lost()
    {
        var cluster = new ClusterUnderTest(hasLives: true, down: [0, 1, 2, 3]);
        Assert.All(cluster.Members, static m => Assert.True(m.Replica.IsLearner));
        cluster.Cut.Clear();

        Assert.True(cluster.Pass(TimeSpan.FromSeconds(1), () => cluster.Members.All(static m => !m.Replica.IsLearner)));
    }

    /// <summary>The last of four starts when the others serve already, and perhaps will not for long: it never spoke, so it takes part at once.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(30)]
    public void A_late_starter_takes_part_without_further_load(int requests)
    {
        var cluster = new ClusterUnderTest(hasLives: true, down: 3);
        Load(cluster, requests);
        cluster.Cut.Clear();

        Assert.True(cluster.Pass(Long, () => !cluster[3].Replica.IsLearner && cluster[3].Replica.LastExecuted == cluster[0].Replica.LastExecuted));

        Assert.Equal(LifeStage.Original, StageOf(cluster, 3));
        cluster.Cut.Add(2);
        Load(cluster, 5); // only with its votes
        cluster.AssertAllAt(cluster[0].Replica.LastExecuted.Value, 0, 1, 3);
    }

    /// <summary>A wiped replica is a learner, follows, and takes part again once the others are L and a checkpoint further.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(0)] // the primary: the others change the view
    public void A_wiped_replica_returns_under_load(int wiped)
    {
        var cluster = new ClusterUnderTest(hasLives: true);
        Load(cluster, 21);
        var highest = cluster[wiped].Replica.HighestPrepared;
        cluster.Forget();
        cluster.Wipe(wiped);
        Assert.True(cluster[wiped].Replica.IsLearner);

        for (var i = 0; i < 40 && cluster[wiped].Replica.IsLearner; i++)
        {
            Load(cluster, 1);
            cluster.Pass(TimeSpan.FromMilliseconds(500));
        }

        Assert.Equal(LifeStage.Returned, StageOf(cluster, wiped));
        var returned = cluster.Events(wiped, ProtocolEventKind.TookPart).Single().Sequence;
        Assert.True(returned >= highest.Plus(8) && returned <= highest.Plus(8 + 8), $"{returned} after {highest}");
        Assert.All(
            cluster.Log.Where(l => l.Of == wiped && l.Effect is { Kind: EffectKind.Broadcast or EffectKind.Send, IsVote: true }),
            l => Assert.True(l.Effect.Vote.Sequence > returned));
        cluster.Cut.Add((wiped + 1) % 4);
        Load(cluster, 6, wait: true); // only with its votes
        Assert.Equal(3, Enumerable.Range(0, 4).Count(i => cluster[i].Replica.LastExecuted == cluster[wiped].Replica.LastExecuted));
    }

    /// <summary>An idle cluster goes nowhere, and so the learner waits: known, and said in the status.</summary>
    [Fact]
    public void A_wiped_replica_waits_while_nothing_is_asked()
    {
        var cluster = new ClusterUnderTest(hasLives: true);
        Load(cluster, 2);
        cluster.Wipe(2);

        Assert.False(cluster.Pass(Long, () => !cluster[2].Replica.IsLearner));

        Assert.Equal(new SequenceNumber(2 + 8), cluster[2].Replica.Snapshot().SilentUpTo);
        Assert.Equal(cluster[0].Replica.LastExecuted, cluster[2].Replica.LastExecuted);
    }

    /// <summary>Nobody vouches for the second life of a replica, at whatever time the first was lost.</summary>
    [Fact]
    public void A_replica_wiped_before_anything_was_asked_is_no_original()
    {
        var cluster = new ClusterUnderTest(hasLives: true);
        cluster.Wipe(3);
        cluster.Pass(TimeSpan.FromSeconds(3));

        Assert.Equal(LifeStage.Learner, StageOf(cluster, 3));
        Assert.Equal(new SequenceNumber(8), cluster[3].Replica.Snapshot().SilentUpTo);
    }

    [Fact]
    public void It_can_be_wiped_again_and_again()
    {
        var cluster = new ClusterUnderTest(hasLives: true);
        foreach (var wiped in new[] { 3, 1, 3, 2 })
        {
            Load(cluster, 3);
            cluster.Wipe(wiped);
            for (var i = 0; i < 40 && cluster[wiped].Replica.IsLearner; i++)
            {
                Load(cluster, 1);
                cluster.Pass(TimeSpan.FromMilliseconds(500));
                if (i == 2) cluster.Restart(wiped); // and crashes while it learns
            }

            Assert.Equal(LifeStage.Returned, StageOf(cluster, wiped));
        }

        cluster.Pass(TimeSpan.FromSeconds(3));
        cluster.AssertAllAt(cluster[0].Replica.LastExecuted.Value, 0, 1, 2, 3);
    }

    /// <summary>A replica of a cluster that keeps no record of lives, as those before them, is a learner as well: nobody can say that it is new.</summary>
    [Fact]
    public void Nobody_is_an_original_among_those_who_keep_no_record()
    {
        var cluster = new ClusterUnderTest();
        Load(cluster, 3);
        cluster.Members[3] = new(3, 4, static o => o, life: 9);
        cluster.Send(3, 0, cluster[3].Broadcast<Status>().Single());
        cluster.Send(3, 1, cluster[3].Broadcast<Status>().Single());
        cluster.Send(3, 2, cluster[3].Broadcast<Status>().Single());
        cluster.Settle();

        Assert.True(cluster[3].Replica.IsLearner);
        Assert.Equal(new SequenceNumber(3 + 8), cluster[3].Replica.Snapshot().SilentUpTo);
    }

    private static LifeStage StageOf(ClusterUnderTest cluster, int replica) =>
        cluster[replica].Journal.Select(static r => r.Subject).OfType<ReplicaLives>().Last().Stage;

    private void Load(ClusterUnderTest cluster, int requests, bool wait = false)
    {
        for (var i = 0; i < requests; i++)
        {
            var before = cluster.Members.Max(static m => m.Replica.LastExecuted);
            cluster.Submit(_number++ == 0 ? Make.Open() : Make.Request(_number - 1));
            if (wait) Assert.True(cluster.Pass(Long, () => cluster.Members.Max(static m => m.Replica.LastExecuted) > before), cluster.ToString());
        }
    }
}
