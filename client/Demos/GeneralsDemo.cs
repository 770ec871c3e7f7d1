using System.Text;
using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>Attack or retreat, among as many generals as the cluster has replicas.</summary>
/// <param name="traitors">How many of the generals are traitors; f when not given.</param>
internal sealed class GeneralsDemo(int? traitors) : LiveDemo
{
    public override string Name => "generals";

    public override string Summary => "attack or retreat: every general proposes, traitors lie to all, the loyal ones agree (--traitors T, --generals N)";

    public override string Point =>
        "With n = 3f + 1 generals, f traitors can keep no two loyal ones from the same decision: the first order in the replicated log, which all loyal ones read alike.";

    public override bool BreaksReplicas => traitors != 0;

    public override async Task PlayAsync(Stage stage, CancellationToken cancellationToken)
    {
        var size = stage.Cluster;
        var count = traitors ?? size.MaxFaulty;
        if (count > size.MaxFaulty)
        {
            throw new UsageException(
                $"This cluster has {size.Replicas} generals, and {count} traitors would harm it for good: it tolerates {size.MaxFaulty}. "
                + $"To see that, let a cluster be simulated: client demo generals --generals {size.Replicas} --traitors {count}");
        }

        var narrator = stage.Narrator;
        await narrator.StepAsync($"{size.Replicas} generals, each with a replica of its own; {count} of them {(count == 1 ? "is a traitor" : "are traitors")}.", cancellationToken);
        var before = await stage.ShowStatusAsync(await stage.SettleAsync(cancellationToken));
        var disloyal = before.Replicas.Select(static replica => replica.Id).Where(id => id != before.Primary).TakeLast(count).ToHashSet();
        var loyal = Enumerable.Range(0, size.Replicas).Where(id => !disloyal.Contains(id)).ToArray();
        var clients = loyal.ToDictionary(static id => id, _ => stage.OpenClient());
        foreach (var traitor in disloyal) await stage.BreakAsync(traitor, "lie", cancellationToken);

        await narrator.StepAsync("All loyal generals propose at once: write my order if there is none yet. The first in the log is the decision.", cancellationToken);
        var proposed = await Task.WhenAll(loyal.Select(id => clients[id].AskAsync(
            $"general {id} proposes {Council.OrderOf(id)}",
            KeyValueOperation.Put(stage.Key, Encoding.UTF8.GetBytes(Council.OrderOf(id)), ifVersion: 0),
            cancellationToken)));
        foreach (var asked in proposed) await stage.ShowAsync(asked);
        await narrator.CheckAsync(
            proposed.Count(static asked => asked.Answer?.Result.Outcome == KeyValueOutcome.Written) == 1, "one order was the first; the others came later");

        await narrator.StepAsync("Every loyal general asks all replicas for the decision, and believes f + 1 that say the same.", cancellationToken);
        var read = await Task.WhenAll(loyal.Select(id => clients[id].AskAsync("read the decision", KeyValueOperation.Get(stage.Key), cancellationToken)));
        var council = loyal.Zip(read, (id, asked) => new Council(
            id,
            Council.OrderOf(id),
            asked.Answer is { } answer ? Wording.Of(answer.Result) : null,
            [.. Enumerable.Range(0, size.Replicas).Select(replica => asked.Exchange.TryGetReplyOf(replica, out var reply, out _) ? Wording.Of(reply) : null)])).ToArray();
        await narrator.ObserveAsync(Council.Describe(council, disloyal), Council.ToJson(council, disloyal));
        await narrator.CheckAsync(Council.Agree(council), $"all {loyal.Length} loyal generals decide the same: {council[0].Decision}");

        await narrator.StepAsync("The traitors are healed.", cancellationToken);
        await stage.HealAsync(cancellationToken);
        var settled = await stage.ShowStatusAsync(await stage.SettleAsync(cancellationToken));
        await narrator.CheckAsync(Stage.IsSettled(settled), "all replicas have one state");
        await stage.TidyAsync(clients[loyal[0]], cancellationToken);
    }
}
