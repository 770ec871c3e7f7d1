using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Tests;

/// <summary>The same properties where every envelope is truly sealed, in either mode; and the attacks there are on MACs (rules; LESSONS B47).</summary>
public sealed class MacsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(AuthenticationMode.Macs, 60)]
    [InlineData(AuthenticationMode.Signatures, 20)]
    public void Seeds_keep_every_property_where_envelopes_are_truly_sealed(AuthenticationMode mode, int seeds)
    {
        var reports = new SimulationReport[seeds];

        Parallel.For(0, seeds, i => reports[i] = SimulationRun.Execute(SimulationPlan.Draw((ulong)i, new() { Authentication = mode })));

        var total = new SimulationReport();
        foreach (var report in reports) total.Add(report);
        output.WriteLine(total.ToString());
        Assert.Equal(mode == AuthenticationMode.Macs ? seeds : 0, total[Mark.RunsWithMacs]);
        Assert.True(total[Mark.RunsWithViewChange] > seeds / 4);
        if (mode != AuthenticationMode.Macs) return;
        Assert.DoesNotContain(Enum.GetValues<Mark>(), mark => mark.IsOfMacs() && total[mark] == 0);
    }

    [Fact]
    public void The_same_seed_is_the_same_run_with_macs_too()
    {
        var plan = SimulationPlan.Parse("seed=4,authentication=Macs");

        Assert.Equal(SimulationRun.Execute(plan), SimulationRun.Execute(plan));
        Assert.Equal("seed=4,authentication=Macs", plan.Argument);
        Assert.Throws<ArgumentException>(static () => SimulationPlan.Parse("seed=4,authentication=None"));
    }

    /// <summary>A primary whose proposals some believe and others can not, and a client that helps it: nobody diverges, and all is done in the end.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    public void A_primary_that_spoils_requests_and_clients_that_spoil_macs_do_no_harm(int replicas)
    {
        var total = new SimulationReport();
        for (ulong seed = 1; seed <= 12; seed++)
        {
            total.Add(SimulationRun.Execute(SimulationPlan.Draw(seed, new()
            {
                Authentication = AuthenticationMode.Macs,
                Replicas = replicas,
                Faults = "0:SpoilRequests",
                FaultyClients = 1,
                Clients = 2,
                Requests = 10,
            })));
        }

        output.WriteLine(total.ToString());
        Assert.True(total[Mark.ActedSpoilRequests] > 0);
        Assert.True(total[Mark.ProposalsDoubted] > 0);
        Assert.True(total[Mark.ClientSpoiledMacs] > 0);
    }

    /// <summary>The big MAC attack by itself: with correct replicas only, on a good network, no view changes.</summary>
    [Fact]
    public void Spoiled_macs_alone_depose_nobody()
    {
        var total = new SimulationReport();
        for (ulong seed = 1; seed <= 8; seed++)
        {
            total.Add(SimulationRun.Execute(SimulationPlan.Draw(seed, new()
            {
                Authentication = AuthenticationMode.Macs,
                Replicas = 4,
                Faults = "none",
                Happenings = "none",
                FaultyClients = 1,
                Clients = 2,
                Requests = 10,
                DropPerMille = 0,
                DuplicatePerMille = 0,
                TailPerMille = 0,
                HasSteadyLinks = true,
                HasEqualClocks = true,
            })));
        }

        output.WriteLine(total.ToString());
        Assert.True(total[Mark.ClientSpoiledMacs] > 0);
        Assert.Equal(0, total[Mark.RunsWithViewChange]);
    }
}
