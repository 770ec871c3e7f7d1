using OrleansPbft.Client;
using OrleansPbft.ClientConsole.Verbs;

namespace OrleansPbft.ClientConsole.Tests;

public sealed class StatusVerbTests
{
    [Fact]
    public void It_shows_every_replica_in_a_row()
    {
        var result = StatusVerb.Describe(Status(Replica(0, 5, "aa"), Replica(1, 4, "bb"), Replica(2, 5, "aa"), Replica(3, 0, "", "Silent")));

        Assert.Equal(ExitCode.Done, result.ExitCode);
        Assert.Contains("n = 4, f = 1, quorum = 3", result.Text, StringComparison.Ordinal);
        Assert.Contains("0 primary", result.Text, StringComparison.Ordinal);
        Assert.Contains(result.Text.Split('\n'), static line => line.Contains('3') && line.Contains("Silent", StringComparison.Ordinal));
        Assert.Equal(4, result.Json["replicas"]!.AsArray().Count);
    }

    [Fact]
    public void Replicas_with_different_states_after_the_same_operations_are_a_failure()
    {
        var result = StatusVerb.Describe(Status(Replica(0, 5, "aa"), Replica(1, 5, "aa"), Replica(2, 5, "ab"), Replica(3, 4, "cc")));

        Assert.Equal(ExitCode.Failure, result.ExitCode);
        Assert.Contains("Replicas 0, 1, 2 have executed up to 5, and have different states.", result.Text, StringComparison.Ordinal);
        Assert.Equal("diverged", result.Json["error"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public void What_a_replica_accuses_others_of_is_shown_without_what_steers_a_terminal()
    {
        var accusing = Replica(1, 5, "aa") with { Evidence = ["two votes \u001b[31m"], HaltedBecause = "broken" };

        var text = StatusVerb.Describe(Status(Replica(0, 5, "aa"), accusing)).Text;

        Assert.Contains("replica 1 accuses: two votes \\u001b[31m", text, StringComparison.Ordinal);
        Assert.Contains("replica 1 stopped for good: broken", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_replica_does_wrong_on_purpose_stands_beside_its_state()
    {
        var result = StatusVerb.Describe(Status(Replica(0, 5, "aa"), Replica(1, 5, "aa") with { Fault = "lie" }));

        Assert.Contains("Normal, lie", result.Text, StringComparison.Ordinal);
        Assert.Equal("lie", result.Json["replicas"]![1]!["fault"]!.GetValue<string>());
    }

    private static StatusDocument Status(params ReplicaStatusDocument[] replicas) => new()
    {
        ClusterId = "c",
        N = 4,
        F = 1,
        Quorum = 3,
        Service = "KeyValueStore",
        View = 0,
        Primary = 0,
        Replicas = replicas,
    };

    private static ReplicaStatusDocument Replica(int id, long lastExecuted, string digest, string state = "Normal") => new()
    {
        Id = id,
        State = state,
        View = 0,
        LastExecuted = lastExecuted,
        StableCheckpoint = 0,
        StateDigest = digest,
        Pending = 0,
        InFlight = 0,
    };
}
