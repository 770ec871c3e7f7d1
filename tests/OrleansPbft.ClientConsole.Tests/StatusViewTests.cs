using OrleansPbft.ClientConsole.Verbs;
using static OrleansPbft.ClientConsole.Tests.StatusDocuments;

namespace OrleansPbft.ClientConsole.Tests;

public sealed class StatusViewTests
{
    private static readonly ConsoleIo Elsewhere = new(TextReader.Null, TextWriter.Null, TextWriter.Null);
    private static readonly ConsoleIo Terminal = Elsewhere with { WritesTerminal = true, Width = static () => 130 };

    [Fact]
    public void On_a_terminal_it_is_a_table_with_rules_and_in_colour_where_that_is_wanted()
    {
        var status = Status(Replica(0, 5, "aa"), Replica(1, 5, "aa") with { Fault = "lie" });

        var plain = StatusView.Describe(status, Elsewhere).Text;
        var ruled = StatusView.Describe(status, Terminal).Text;
        var coloured = StatusView.Describe(status, Terminal with { WantsColour = true }).Text;
        var piped = StatusView.Describe(status, Elsewhere with { WantsColour = true }).Text;

        Assert.DoesNotContain('─', plain);
        Assert.Contains("──────", ruled, StringComparison.Ordinal);
        Assert.All([plain, ruled, piped], static text => Assert.DoesNotContain('\e', text));
        Assert.Matches(@"\e\[[0-9;]*mNormal\e\[", coloured);
        Assert.Matches(@"\e\[[0-9;]*mNormal, lie\e\[", coloured);
        Assert.Equal(plain, piped);
    }

    [Fact]
    public void No_row_is_folded_where_a_program_reads()
    {
        var lines = StatusView.Describe(Status(Replica(0, 5, new('a', 64)), Replica(1, 5, new('a', 64))), Elsewhere).Text.Split('\n');

        Assert.Equal(4, lines.Length); // the cluster, the headings, and two replicas
        Assert.All(lines[2..], static line => Assert.Matches(@"^ *[01].* Normal +0 +5 +0 +a{16} +0 +0 +0$", line));
    }

    [Fact]
    public void It_shows_every_replica_in_a_row()
    {
        var result = StatusView.Describe(Status(Replica(0, 5, "aa"), Replica(1, 4, "bb"), Replica(2, 5, "aa"), Replica(3, 0, "", "Silent")), Elsewhere);

        Assert.Equal(ExitCode.Done, result.ExitCode);
        Assert.Contains("n = 4, f = 1, quorum = 3", result.Text, StringComparison.Ordinal);
        Assert.Contains("0 primary", result.Text, StringComparison.Ordinal);
        Assert.Contains(result.Text.Split('\n'), static line => line.Contains('3') && line.Contains("Silent", StringComparison.Ordinal));
        Assert.Equal(4, result.Json["replicas"]!.AsArray().Count);
    }

    [Fact]
    public void Replicas_with_different_states_after_the_same_operations_are_a_failure()
    {
        var result = StatusView.Describe(Status(Replica(0, 5, "aa"), Replica(1, 5, "aa"), Replica(2, 5, "ab"), Replica(3, 4, "cc")), Elsewhere);

        Assert.Equal(ExitCode.Failure, result.ExitCode);
        Assert.Contains("Replicas 0, 1, 2 have executed up to 5, and have different states.", result.Text, StringComparison.Ordinal);
        Assert.Equal("diverged", result.Json["error"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public void What_a_replica_accuses_others_of_is_shown_without_what_steers_a_terminal()
    {
        var accusing = Replica(1, 5, "aa") with { Evidence = ["two votes \u001b[31m"], HaltedBecause = "broken" };

        var text = StatusView.Describe(Status(Replica(0, 5, "aa"), accusing), Elsewhere).Text;

        Assert.Contains("replica 1 accuses: two votes \\u001b[31m", text, StringComparison.Ordinal);
        Assert.Contains("replica 1 stopped for good: broken", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_replica_does_wrong_on_purpose_stands_beside_its_state()
    {
        var result = StatusView.Describe(Status(Replica(0, 5, "aa"), Replica(1, 5, "aa") with { Fault = "lie" }), Elsewhere);

        Assert.Contains("Normal, lie", result.Text, StringComparison.Ordinal);
        Assert.Equal("lie", result.Json["replicas"]![1]!["fault"]!.GetValue<string>());
    }
}
