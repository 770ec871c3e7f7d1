using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrleansPbft.EndToEnd;

/// <summary>Clocks that are an hour off (N-2, S-1): a primary with one moves agreed time by nothing and is replaced; agreed time never goes back, and never stops.</summary>
public sealed partial class ClockTests
{
    private static readonly TimeSpan SkewMax = TimeSpan.FromSeconds(30); // TimestampSkewMax

    [Theory]
    [InlineData("01:00:00")]
    [InlineData("-01:00:00")]
    public async Task A_primary_whose_clock_is_an_hour_off_is_replaced_and_agreed_time_stays_right(string offset)
    {
        var began = DateTimeOffset.UtcNow;
        await using var federation = await Federation.CreateAsync(settings: Federation.Quick);
        await federation.StartAllAsync(without: 0);
        await federation.StartAsync(0, OffBy(offset));

        await using var load = federation.BeginLoad(clients: 2);
        await load.GoesOnAsync(60);
        var status = await federation.StatusAsync();
        await federation.EndAsync(load); // the one with the wrong clock executes what the others commit

        Assert.True(status.View > 0, "The primary of view 0 was not replaced.");
        var times = await AgreedTimesAsync(federation, replica: 1);
        Assert.True(times.Count > 20, $"{times.Count} batches");
        AssertForward(times);
        Assert.All(times, time => Assert.InRange(time, began - SkewMax, DateTimeOffset.UtcNow + SkewMax));
    }

    /// <summary>Everybody's clock was wrong and is set right: agreed time, which can not go back, goes on in the smallest steps, and nobody waits an hour.</summary>
    [Fact]
    public async Task When_all_clocks_are_set_back_by_an_hour_the_cluster_goes_on_and_agreed_time_too()
    {
        await using var federation = await Federation.CreateAsync(settings: Federation.Quick);
        for (var i = 0; i < Federation.Replicas; i++) await federation.StartAsync(i, OffBy("01:00:00"));
        await using var load = federation.BeginLoad(clients: 2);
        await load.GoesOnAsync(40);

        await federation.KillAllAsync();
        await federation.StartAllAsync();
        await load.GoesOnAsync(40);
        await federation.EndAsync(load);

        var times = await AgreedTimesAsync(federation, replica: 1);
        AssertForward(times);
        Assert.True(times[^1] > DateTimeOffset.UtcNow.AddMinutes(50), $"{times[^1]:O}");
    }

    private static string[] OffBy(string offset) => ["--Pbft:FaultInjection:Enabled=true", $"--Pbft:FaultInjection:ClockOffset={offset}"];

    private static void AssertForward(List<DateTimeOffset> times)
    {
        for (var i = 1; i < times.Count; i++) Assert.True(times[i] > times[i - 1], $"Agreed time went from {times[i - 1]:O} to {times[i]:O}.");
    }

    /// <summary>The times of the batches that a replica committed, in their order, as its journal has them.</summary>
    private static async Task<List<DateTimeOffset>> AgreedTimesAsync(Federation federation, int replica)
    {
        var (exitCode, output) = await Federation.RunAsync("journal", "inspect", federation.JournalOf(replica), "--limit", "1000000", "--json");
        Assert.True(exitCode == 0, output);
        var proposed = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal); // by digest
        var committed = new SortedDictionary<long, string>();
        foreach (var record in JsonDocument.Parse(output).RootElement.GetProperty("shown").EnumerateArray())
        {
            var digest = record.GetProperty("digest").GetString()!;
            if (record.GetProperty("kind").GetString() == "Committed") committed[record.GetProperty("sequence").GetInt64()] = digest;
            else if (TimeOfBatch().Match(record.GetProperty("detail").GetString()!) is { Success: true } time)
            {
                proposed[digest] = DateTimeOffset.Parse(time.Groups[1].Value, CultureInfo.InvariantCulture);
            }
        }

        return [.. committed.Values.Where(proposed.ContainsKey).Select(digest => proposed[digest])];
    }

    [GeneratedRegex("^[1-9][0-9]* requests in [0-9]+ bytes, time ([^,]+),")]
    private static partial Regex TimeOfBatch();
}
