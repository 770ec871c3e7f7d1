using OrleansPbft.Core;
using OrleansPbft.Simulation.Costs;

namespace OrleansPbft.Simulation.Tests.Costs;

/// <summary>What a request costs without faults is what the paper says, and nothing else is sent (PBFT 4.2, 4.3; rules N-1 to N-4, K-1, A-2).</summary>
public sealed class CostRunTests
{
    public static MatrixTheoryData<AuthenticationMode, int, int> Clusters => new(
        [AuthenticationMode.Signatures, AuthenticationMode.Macs], [4, 7], [1, 2, 5, 8]);

    [Theory]
    [MemberData(nameof(Clusters))]
    public void What_is_sent_is_what_the_formula_says_by_kind_and_to_the_byte(AuthenticationMode authentication, int replicas, int batch)
    {
        var point = CostRun.Measure(new() { Replicas = replicas, Batch = batch, Authentication = authentication, Requests = 20 });

        Assert.Equal(point.Formula, point.Measured);
        Assert.Empty(point.Differences);
        Assert.Empty(point.Others);
        Assert.Equal((20L + batch - 1) / batch * batch, point.Requests);
        double delays = CostFormula.LatencyDelays(batch);
        Assert.Equal((delays, delays), (point.LatencyDelays, point.LatencyDelaysMax));
    }

    [Fact]
    public void One_request_alone_among_four_takes_the_papers_29_messages_and_5_delays()
    {
        var point = CostRun.Measure(new() { Replicas = 4, Batch = 1, Authentication = AuthenticationMode.Signatures, Requests = 10 });

        long Messages(MessageKind kind) => point.Measured[kind].Messages / point.Requests;
        Assert.Equal(
            (1L, 3L, 9L, 12L, 4L),
            (Messages(MessageKind.Request), Messages(MessageKind.PrePrepare), Messages(MessageKind.Prepare), Messages(MessageKind.Commit), Messages(MessageKind.Reply)));
        Assert.Equal((29 * point.Requests, 13 * point.Requests, 0L), (point.NormalCase.Messages, point.NormalCase.Signatures, point.NormalCase.Macs));
        Assert.Equal((12L, 4L), (point.Checkpoint.Messages, point.Checkpoint.Signatures));
        Assert.Equal(5, point.LatencyDelays);
    }

    [Fact]
    public void In_mode_Macs_two_signatures_are_left_and_every_other_message_has_a_mac()
    {
        var point = CostRun.Measure(new() { Replicas = 7, Batch = 1, Authentication = AuthenticationMode.Macs, Requests = 10 });

        // 6 PRE-PREPAREs, 36 PREPAREs, 42 COMMITs, a request and 7 replies; of these the PRE-PREPARE and the request are signed, and the request has 7 MACs.
        Assert.Equal(
            (92 * point.Requests, 2 * point.Requests, (36 + 42 + 7 + 7) * point.Requests), (point.NormalCase.Messages, point.NormalCase.Signatures, point.NormalCase.Macs));
        Assert.Equal((42L, 0L, 42L), (point.Checkpoint.Messages, point.Checkpoint.Signatures, point.Checkpoint.Macs));
    }

    [Fact]
    public void A_batch_shares_the_three_phases()
    {
        var alone = CostRun.Measure(new() { Replicas = 4, Batch = 1, Authentication = AuthenticationMode.Signatures, Requests = 8 });
        var shared = CostRun.Measure(new() { Replicas = 4, Batch = 8, Authentication = AuthenticationMode.Signatures, Requests = 8 });

        Assert.Equal((8L, 8L), (alone.Requests, shared.Requests));
        Assert.Equal(8 * (24 + 5), alone.NormalCase.Messages);
        Assert.Equal(24 + (8 * 5), shared.NormalCase.Messages);
        Assert.Equal(12 + 8, shared.NormalCase.Signatures);
    }

    [Theory]
    [InlineData(AuthenticationMode.Signatures)]
    [InlineData(AuthenticationMode.Macs)]
    public void The_counts_depend_on_the_plan_and_not_on_what_is_written(AuthenticationMode authentication)
    {
        var plan = new CostPlan { Replicas = 4, Batch = 3, Authentication = authentication, Requests = 6 };

        var first = CostRun.Measure(plan);
        var again = CostRun.Measure(plan);
        var other = CostRun.Measure(plan with { Seed = 2 });

        Assert.Equal(first.Measured, again.Measured);
        Assert.Equal(first.Measured, other.Measured);
    }

    [Fact]
    public void What_the_formula_does_not_know_is_named_with_its_kind()
    {
        var point = new CostPoint
        {
            Plan = new() { Replicas = 4, Batch = 1, Authentication = AuthenticationMode.Macs },
            Requests = 1,
            Measured = new Dictionary<MessageKind, KindCost> { [MessageKind.Prepare] = new(10, 1000, 0, 10), [MessageKind.Status] = new(3, 300, 0, 3) },
            Formula = new Dictionary<MessageKind, KindCost> { [MessageKind.Prepare] = new(9, 900, 0, 9) },
            OperationBytes = 0,
            ResultsBytes = 0,
            LatencyDelays = 5,
            LatencyDelaysMax = 5,
        };

        Assert.Equal([MessageKind.Status], point.Others.Keys);
        Assert.Equal((10L, 9L), (point.NormalCase.Messages, point.NormalCaseFormula.Messages));
        Assert.Equal(2, point.Differences.Count);
        Assert.Contains("Prepare: 10 messages, 1000 bytes, 0 signatures, 10 MACs; by the formula 9 messages", point.Differences[0], StringComparison.Ordinal);
        Assert.StartsWith("Status: 3 messages", point.Differences[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 1, 1, "4 to 64 replicas")]
    [InlineData(65, 1, 1, "4 to 64 replicas")]
    [InlineData(4, 0, 1, "1 to 256 requests")]
    [InlineData(4, 257, 1, "1 to 256 requests")]
    [InlineData(4, 1, 0, "1 to 8192 requests")]
    [InlineData(4, 1, 8193, "1 to 8192 requests")]
    public void What_can_not_be_measured_is_refused(int replicas, int batch, int requests, string reason)
    {
        var refused = Assert.Throws<ArgumentException>(
            () => CostRun.Measure(new() { Replicas = replicas, Batch = batch, Authentication = AuthenticationMode.Macs, Requests = requests }));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }
}
