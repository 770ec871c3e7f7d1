using System.Net.Http.Json;
using System.Text.Json;
using OrleansPbft.Client;

namespace OrleansPbft.EndToEnd;

/// <summary>What the silos of a real federation tell of one request: each its own end of the messages, and together all of them.</summary>
public sealed class FederationHistoryTests
{
    private const int BetweenReplicas = 3 + 9 + 12; // PRE-PREPAREs, PREPAREs, COMMITs

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_silo_knows_its_own_end_and_the_console_joins_what_all_tell()
    {
        await using var federation = await Federation.StartAsync();
        var (exitCode, put) = await federation.AskAsync("put", "greeting", "hello", "--json");
        Assert.Equal(0, exitCode);
        var id = $"n{JsonDocument.Parse(put).RootElement.GetProperty("sequence").GetInt64()}";
        var silos = new List<string>();
        for (var replica = 0; replica < Federation.Replicas; replica++)
        {
            using var api = await federation.ApiOfAsync(replica);
            silos.AddRange(["--silo", api.BaseAddress!.ToString()]);
        }

        var joined = await JoinedAsync(id, [.. silos]);

        Assert.Equal([0, 1, 2, 3], joined.Hosted);
        Assert.True(joined.Complete);
        Assert.DoesNotContain(joined.Messages, static message => message.Mark == TraceMessageDocument.Unseen);
        Assert.All(joined.Messages.Where(static message => IsBetweenReplicas(message) && message.Mark is null), static message =>
        {
            Assert.NotNull(message.SentUs);
            Assert.Equal([Math.Min(message.From, message.To), Math.Max(message.From, message.To)], message.ToldBy!);
        });

        var alone = await TraceDocument.FetchAsync(new(silos[5]), id, Cancelled);
        Assert.Equal([2], alone.Hosted);
        Assert.Contains(alone.Messages, static message => message is { From: 2, Mark: TraceMessageDocument.Unseen, SentUs: not null, ArrivedUs: null });
        Assert.Contains(alone.Messages, static message => message is { To: 2, Mark: TraceMessageDocument.Unseen, SentUs: null, ArrivedUs: not null });
        Assert.All(alone.Messages.Where(IsBetweenReplicas), static message => Assert.True(message.From == 2 || message.To == 2));

        using var own = await federation.ApiOfAsync(2);
        var journal = Assert.Single((await own.GetFromJsonAsync(JournalListDocument.Path, TraceJson.Default.JournalListDocument, Cancelled))!.Items);
        Assert.Equal((2, "Sync"), (journal.Replica, journal.Durability));
        Assert.True(journal is { Bytes: > 0, Segments: > 0, Flushes: > 0 });
    }

    /// <summary>What all tell, once everything was there.</summary>
    private static async Task<TraceDocument> JoinedAsync(string id, string[] silos)
    {
        TraceDocument? joined = null;
        await Poll.UntilNoneAsync(async () =>
        {
            var (exitCode, output) = await Federation.RunAsync(["trace", id, "--json", .. silos]);
            if (exitCode != 0) return output;
            joined = JsonSerializer.Deserialize(output, TraceJson.Default.TraceDocument)!;
            return joined.Complete && joined.Messages.Count(static message => IsBetweenReplicas(message) && message.ArrivedUs is not null) >= BetweenReplicas ? null : output;
        });
        return joined!;
    }

    private static bool IsBetweenReplicas(TraceMessageDocument message) => message is { From: >= 0, To: >= 0 };
}
