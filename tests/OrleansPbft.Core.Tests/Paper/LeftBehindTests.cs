using static OrleansPbft.Core.Tests.Claims;
using static OrleansPbft.Core.Tests.TransferTests;

namespace OrleansPbft.Core.Tests;

/// <summary>A replica that missed a stretch is brought back by f + 1 others, without a view change (ST-1, VC-9, K-4).</summary>
public sealed class LeftBehindTests
{
    private const int Far = 20;

    /// <summary>ST-1, ST-2: the target is gone; f + 1 vouch for a newer one that is within the window, the f others are silent.</summary>
    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(20)]
    public void A_dropped_target_is_replaced_by_one_in_the_window(int ahead)
    {
        var donors = Donors();
        var behind = new ReplicaUnderTest(self: 3);
        behind.StepAll(donors.Take(2).Select(static (donor, i) => new Checkpoint(new(Far), donor.State.ComputeDigest(), new(i))));
        foreach (var donor in donors) Run(donor, Far + 1, Far + ahead);
        var asked = Fetches(behind).ToList();
        for (var i = 0; i < 400 && behind.Replica.LastExecuted < new SequenceNumber(Far + ahead); i++)
        {
            List<(int, FetchChunks)> next = [];
            foreach (var (to, fetch) in asked)
            {
                if (to == 2) continue; // silent
                donors[to].Now = donors[to].Now.Plus(donors[to].Options.StatusInterval);
                donors[to].Step(fetch);
                foreach (var message in donors[to].Effects.Where(static e => e.Kind == EffectKind.Send && e.To.Index == 3 && !e.IsVote).Select(static e => e.Message).ToArray())
                {
                    behind.Step(message);
                    next.AddRange(Fetches(behind));
                }
            }

            behind.Tick(TimeSpan.FromSeconds(1));
            next.AddRange(Fetches(behind));
            foreach (var status in behind.Broadcast<Status>().ToArray())
            {
                foreach (var to in new[] { 0, 1 })
                {
                    donors[to].Now = donors[to].Now.Plus(donors[to].Options.StatusInterval);
                    donors[to].Step(status);
                    foreach (var message in donors[to].Effects.Where(static e => e.Kind == EffectKind.Send && e.To.Index == 3 && !e.IsVote).Select(static e => e.Message).ToArray())
                    {
                        behind.Step(message);
                        next.AddRange(Fetches(behind));
                    }
                }
            }

            asked = next;
        }

        Assert.True(behind.Replica.LastExecuted >= new SequenceNumber(Far), $"{behind.Replica.LastExecuted} {behind.Replica.Snapshot().Condition}");
    }

    /// <summary>ST-1, VC-9: f + 1 replicas say again and again that they are stable at 36; one of them has also executed to 40.</summary>
    [Fact]
    public void A_far_checkpoint_that_f_plus_1_vouch_for_is_fetched_though_one_of_them_is_further()
    {
        var behind = new ReplicaUnderTest(self: 3);
        var started = false;
        for (var round = 0; round < 100; round++)
        {
            foreach (var message in new[] { new Checkpoint(new(36), D("x"), new(1)), new(new(40), D("y"), new(1)), new(new(36), D("x"), new(0)) })
            {
                behind.Step(message);
                started |= behind.Events(ProtocolEventKind.TransferStarted).Any();
            }

            behind.Tick(TimeSpan.FromSeconds(1));
        }

        Assert.True(started);
    }

    /// <summary>ST-1, VC-9, K-4: one replica missed a stretch that the others hold no log of; then another one crashes.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void A_replica_that_missed_a_checkpoint_is_brought_back_though_another_crashes(int requests)
    {
        var cluster = new ClusterUnderTest();
        cluster.Cut.Add(3);
        cluster.Submit(Make.Open());
        for (var i = 1; i <= 3; i++) cluster.Submit(Make.Request(i));
        cluster.AssertAllAt(4, 0, 1, 2);
        cluster.Pass(TimeSpan.FromSeconds(1));
        cluster.Cut.Clear();
        cluster.Cut.Add(2);
        for (var i = 0; i < requests; i++) cluster.Submit(Make.Request(4 + i));
        cluster.Pass(TimeSpan.FromMinutes(5), () => cluster[3].Replica.LastExecuted == cluster[0].Replica.LastExecuted);
        cluster.AssertAllAt(4 + requests, 0, 1, 3);
        Assert.Equal(View.Initial, cluster[3].Replica.View);
    }

    /// <summary>K-4: nor is a correct primary deposed for it where there is load.</summary>
    [Fact]
    public void No_view_change_is_needed_to_bring_it_back()
    {
        var cluster = new ClusterUnderTest();
        cluster.Cut.Add(3);
        cluster.Submit(Make.Open());
        for (var i = 1; i <= 3; i++) cluster.Submit(Make.Request(i));
        cluster.Pass(TimeSpan.FromSeconds(1));
        cluster.Cut.Clear();
        cluster.Cut.Add(2);
        for (var i = 4; i <= 20; i++) cluster.Submit(Make.Request(i));
        cluster.Pass(TimeSpan.FromMinutes(5), () => cluster[3].Replica.LastExecuted == cluster[0].Replica.LastExecuted && cluster[0].Replica.Pending == 0);
        Assert.True(cluster[0].Replica.View == View.Initial, cluster.ToString());
    }
}
