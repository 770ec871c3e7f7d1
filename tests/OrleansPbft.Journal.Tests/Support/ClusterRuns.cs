using OrleansPbft.Core;

namespace OrleansPbft.Journal.Tests;

/// <summary>Runs of a cluster that give journals something to keep.</summary>
internal static class ClusterRuns
{
    /// <summary>Two view changes, stable checkpoints before, between and after, batches that prepared and did not commit, and one replica that fetched its state.</summary>
    public static TestCluster ThroughViewChanges(Action<TestCluster>? configure = null)
    {
        var cluster = new TestCluster { HasLives = true };
        configure?.Invoke(cluster);
        cluster.Start();
        var number = 0L;
        cluster.Submit(Make.Open());
        Put(6);
        cluster.Loses = static (_, _, input) => input is { Kind: InputKind.Vote, Vote.Phase: VotePhase.Commit };
        Put(2); // prepared, not committed
        cluster.Loses = static (_, _, input) => input.Kind == InputKind.Vote;
        Put(1); // proposed only
        cluster.Loses = static (_, _, _) => false;
        ChangeView(primary: 0, view: 1);
        Put(7);
        cluster.Cut.Clear();
        ChangeView(primary: 1, view: 2); // replica 0 comes back and has missed a stable checkpoint or two
        Put(9);
        cluster.Cut.Clear();
        Assert.True(cluster.Pass(
            TimeSpan.FromSeconds(30), () => cluster.Members.All(m => m.Replica.LastExecuted == cluster.Members[2].Replica.LastExecuted && m.Replica.IsActive)));
        Put(3);
        return cluster;

        void Put(int times)
        {
            for (var i = 0; i < times; i++) cluster.Submit(Make.Put(++number, $"key {number % 5}", valueBytes: 50 + (int)(number * 37 % 400)));
        }

        void ChangeView(int primary, long view)
        {
            cluster.Cut.Add(primary);
            cluster.Submit(Make.Put(++number, "late"));
            Assert.True(cluster.Pass(TimeSpan.FromSeconds(30), () => cluster.Members
                .Where((_, i) => !cluster.Cut.Contains(i))
                .All(m => m.Replica.IsActive && m.Replica.View.Number >= view)));
        }
    }
}
