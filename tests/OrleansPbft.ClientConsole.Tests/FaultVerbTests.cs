using OrleansPbft.Client;
using OrleansPbft.ClientConsole.Verbs;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>How faults on purpose are told; the end-to-end tests cause them.</summary>
public sealed class FaultVerbTests
{
    [Fact]
    public void It_says_what_is_wrong_now_and_how_much_is_tolerated()
    {
        var result = FaultVerb.Describe(new FaultAnswer { Replica = 2, Mode = "lie", Faulty = 1, Tolerated = 1, Warning = null });

        Assert.Equal(ExitCode.Done, result.ExitCode);
        Assert.Equal("replica 2 is faulty from now on: lie\n  1 faulty on purpose, 1 tolerated", result.Text);
        Assert.Equal("lie", result.Json["mode"]!.GetValue<string>());
    }

    [Fact]
    public void Beyond_f_it_warns_and_is_done_all_the_same()
    {
        var result = FaultVerb.Describe(new FaultAnswer { Replica = 3, Mode = "silent", Faulty = 2, Tolerated = 1, Warning = "Two are too many." });

        Assert.Equal(ExitCode.Done, result.ExitCode);
        Assert.EndsWith("2 faulty on purpose, 1 tolerated\n  Two are too many.", result.Text, StringComparison.Ordinal);
        Assert.Equal("Two are too many.", result.Json["warning"]!.GetValue<string>());
    }

    [Fact]
    public void A_healed_replica_has_no_mode_in_json()
    {
        var result = FaultVerb.Describe(new FaultAnswer { Replica = 3, Mode = null, Faulty = 0, Tolerated = 1, Warning = null });

        Assert.StartsWith("replica 3 is healed", result.Text, StringComparison.Ordinal);
        Assert.True(result.Json.ContainsKey("mode"));
        Assert.Null(result.Json["mode"]);
    }

    [Fact]
    public void The_list_has_a_line_for_each_replica_and_the_modes()
    {
        var result = FaultVerb.Describe(new FaultsDocument
        {
            Faulty = 1,
            Tolerated = 1,
            Warning = null,
            Replicas = [new() { Replica = 0, Mode = null, Acts = 0 }, new() { Replica = 1, Mode = "drop:0.3", Acts = 17 }],
            Modes = ["silent", "drop:<rate>"],
        });

        Assert.Equal(
            "replica 0   correct\nreplica 1   drop:0.3, acted 17 times\n  1 faulty on purpose, 1 tolerated\nmodes: silent, drop:<rate>", result.Text);
        Assert.Equal(2, result.Json["replicas"]!.AsArray().Count);
    }

    [Fact]
    public void What_a_silo_says_can_not_steer_the_terminal()
    {
        var result = FaultVerb.Describe(new FaultAnswer { Replica = 0, Mode = "\u001b[2J", Faulty = 1, Tolerated = 1, Warning = "\a" });

        Assert.DoesNotContain('\u001b', result.Text);
        Assert.DoesNotContain('\a', result.Text);
    }
}
