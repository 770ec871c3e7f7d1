namespace OrleansPbft.Core.Tests;

/// <summary>Options that contradict each other or themselves are told, each in a sentence that names it; those at its edges are fine.</summary>
public sealed class ProtocolOptionsTests
{
    private const int Mebi = 1 << 20;

    private static readonly ProtocolOptions Default = new() { Cluster = new(4) };

    /// <summary>For each option: what else is set, how it is set, and the least and the most that is allowed.</summary>
    private static readonly (string Name, ProtocolOptions With, Func<ProtocolOptions, long, ProtocolOptions> Set, long? Least, long? Most)[] Rows =
    [
        ("CheckpointInterval", Default, static (o, v) => o with { CheckpointInterval = (int)v }, 1, null), // the most is what LogWindow allows
        ("LogWindow", Default with { CheckpointInterval = 8 }, static (o, v) => o with { LogWindow = (int)v }, 16, 16_384),
        ("BatchMax", Default, static (o, v) => o with { BatchMax = (int)v }, 1, 65_535),
        ("Pipeline", Default, static (o, v) => o with { Pipeline = (int)v }, 1, 256),
        ("SessionsMax", Default, static (o, v) => o with { SessionsMax = (int)v }, 1, 1_000_000),
        ("SessionWindow", Default, static (o, v) => o with { SessionWindow = (int)v }, 1, 1024),
        ("OperationsMax", Default with { ResultBytesMax = Mebi, SessionReplyBytesMax = Mebi }, static (o, v) => o with { OperationsMax = (int)v }, 1, 65_535),
        ("RequestBytesMax", Default with { BatchBytesMax = 128 * Mebi, PendingBytesMax = 128 * Mebi }, static (o, v) => o with { RequestBytesMax = (int)v }, 1024, 64 * Mebi),
        ("ResultBytesMax", Default with { OperationsMax = 1, SessionReplyBytesMax = 256 * Mebi }, static (o, v) => o with { ResultBytesMax = (int)v }, 1024, 64 * Mebi),
        ("ResultBytesMax", Default with { SessionReplyBytesMax = 256 * Mebi },
            static (o, v) => o with { ResultBytesMax = (int)v }, OperationResults.BytesMin(1024), 64 * Mebi),
        ("BatchBytesMax", Default with { RequestBytesMax = 5000 }, static (o, v) => o with { BatchBytesMax = (int)v }, 5000, 128 * Mebi),
        ("SessionReplyBytesMax", Default with { ResultBytesMax = 100_000 }, static (o, v) => o with { SessionReplyBytesMax = (int)v }, 100_000, 256 * Mebi),
        ("PendingMax", Default, static (o, v) => o with { PendingMax = (int)v }, 1, 1_000_000),
        ("PendingBytesMax", Default with { RequestBytesMax = 5000 }, static (o, v) => o with { PendingBytesMax = (int)v }, 5000, null),
        ("BatchDelayMax", Default, static (o, v) => o with { BatchDelayMax = new(v) }, 0, null),
        ("BatchDelayMax", Default with { OrderingDelayMax = Seconds(9), RequestTimeout = Seconds(9) }, static (o, v) => o with { BatchDelayMax = new(v) }, 0, Seconds(1).Ticks),
        ("BusyRetryAfter", Default, static (o, v) => o with { BusyRetryAfter = new(v) }, 1, Seconds(60).Ticks),
        ("RequestTimeout", Default with { OrderingDelayMax = Seconds(0.011) }, static (o, v) => o with { RequestTimeout = new(v) }, null, Seconds(3600).Ticks),
        ("StatusInterval", Default with { HeartbeatInterval = Seconds(90) }, static (o, v) => o with { StatusInterval = new(v) }, 1, Seconds(60).Ticks),
        ("HeartbeatInterval", Default with { StatusInterval = Seconds(1) }, static (o, v) => o with { HeartbeatInterval = new(v) }, Seconds(1).Ticks, Seconds(3600).Ticks),
        ("ViewChangeTimeout", Default with { ViewChangeTimeoutMax = Seconds(7) }, static (o, v) => o with { ViewChangeTimeout = new(v) }, 1, Seconds(7).Ticks),
        ("ViewChangeTimeoutMax", Default, static (o, v) => o with { ViewChangeTimeoutMax = new(v) }, null, Seconds(3600).Ticks),
        ("OrderingDelayMax", Default with { BatchDelayMax = Seconds(0.5) }, static (o, v) => o with { OrderingDelayMax = new(v) }, Seconds(0.5).Ticks + 1, Seconds(2).Ticks),
        ("TimestampSkewMax", Default, static (o, v) => o with { TimestampSkewMax = new(v) }, 1, null),
    ];

    [Fact]
    public void The_defaults_have_no_problem() => Assert.Empty(Default.Problems());

    [Fact]
    public void The_least_and_the_most_are_allowed_and_nothing_beyond()
    {
        foreach (var (name, with, set, least, most) in Rows)
        {
            if (least is { } low)
            {
                Assert.True(set(with, low).Problems().Count == 0, $"{name} = {low}: {string.Join(" ", set(with, low).Problems())}");
                ExpectProblem(name, set(with, low - 1));
            }

            if (most is { } high)
            {
                Assert.True(set(with, high).Problems().Count == 0, $"{name} = {high}: {string.Join(" ", set(with, high).Problems())}");
                ExpectProblem(name, set(with, high + 1));
            }
        }
    }

    /// <summary>What is out of its own range, apart from what it contradicts.</summary>
    [Fact]
    public void Each_has_a_range_of_its_own()
    {
        ExpectProblem("CheckpointInterval", Default with { CheckpointInterval = 65_537 });
        ExpectNone("CheckpointInterval", Default with { CheckpointInterval = 65_536 });
        ExpectProblem("RequestTimeout", Default with { RequestTimeout = Default.BatchDelayMax });
        ExpectNone("RequestTimeout", Default with { RequestTimeout = Default.BatchDelayMax + new TimeSpan(1) });
    }

    [Fact]
    public void Every_problem_is_told_at_once()
    {
        var problems = (Default with { BatchMax = 0, Pipeline = 0, PendingMax = 0 }).Problems();

        Assert.Equal(["BatchMax", "Pipeline", "PendingMax"], problems.Select(static problem => problem.Split(' ')[0]));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static void ExpectProblem(string name, ProtocolOptions options) => Assert.True(Names(options, name), $"{name}: {string.Join(" ", options.Problems())}");

    private static void ExpectNone(string name, ProtocolOptions options) => Assert.False(Names(options, name), $"{name}: {string.Join(" ", options.Problems())}");

    private static bool Names(ProtocolOptions options, string name) => options.Problems().Any(problem => problem.StartsWith($"{name} (", StringComparison.Ordinal));
}
