using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>A backup is faulty, and nobody else notices: one of the ways in which it can be.</summary>
internal abstract class BackupFaultDemo : LiveDemo
{
    private const int Additions = 3;

    public override string Summary => $"a backup {Does}; answers stay right, and final at f + 1 equal replies";

    /// <summary>The fault's mode.</summary>
    protected abstract string Mode { get; }

    /// <summary>What the faulty replica does, in a few words.</summary>
    protected abstract string Does { get; }

    public override async Task PlayAsync(Stage stage, CancellationToken cancellationToken)
    {
        var narrator = stage.Narrator;
        await narrator.StepAsync("Before: all replicas are correct. A client adds 1 to a counter.", cancellationToken);
        var client = stage.OpenClient();
        var other = stage.OpenClient();
        await other.AskAsync("open a session", KeyValueOperation.Get(stage.Key), cancellationToken);
        var first = await AddAsync(stage, client, cancellationToken);
        await narrator.CheckAsync(first.Number == 1, "the answer is 1");
        var before = await stage.ShowStatusAsync(await stage.SettleAsync(cancellationToken));
        var victim = before.Replicas.Last(replica => replica.Id != before.Primary).Id;

        await narrator.StepAsync($"Replica {victim}, a backup, {Does} from now on.", cancellationToken);
        await stage.BreakAsync(victim, Mode, cancellationToken);

        await narrator.StepAsync("The client goes on as if nothing had happened.", cancellationToken);
        var asked = new List<Asked>();
        for (var i = 0; i < Additions; i++) asked.Add(await AddAsync(stage, client, cancellationToken));
        await narrator.CheckAsync(
            asked.Select(static one => one.Number).SequenceEqual(Enumerable.Range(2, Additions).Select(static number => (long?)number)), "every answer is right: 2, 3, 4");
        await narrator.CheckAsync(
            asked.All(one => one.Outcome?.Replicas.Count >= stage.Cluster.WeakQuorum), $"each was final at f + 1 = {stage.Cluster.WeakQuorum} equal replies");
        await JudgeAsync(stage, victim, asked);
        await GoOnAsync(stage, victim, client, other, cancellationToken);
        await stage.ShowStatusAsync(await stage.StatusAsync(cancellationToken));

        await narrator.StepAsync($"Replica {victim} is healed.", cancellationToken);
        var acts = await stage.HealAsync(cancellationToken);
        await narrator.CheckAsync(acts[victim] > 0, "it had done wrong: the fault was real");
        var last = await AddAsync(stage, client, cancellationToken);
        await narrator.CheckAsync(last.Number == Additions + 2, $"the answer is {Additions + 2}: nothing was lost or doubled");
        var settled = await stage.ShowStatusAsync(await stage.SettleAsync(cancellationToken));
        await narrator.CheckAsync(Stage.IsSettled(settled), "all replicas have one state");
        await stage.TidyAsync(client, cancellationToken);
    }

    /// <summary>Checks that the faulty replica did what it is said to do.</summary>
    protected abstract Task JudgeAsync(Stage stage, int victim, IReadOnlyList<Asked> asked);

    /// <summary>What more there is to show while the replica is faulty.</summary>
    protected virtual Task GoOnAsync(Stage stage, int victim, DemoClient client, DemoClient other, CancellationToken cancellationToken) => Task.CompletedTask;

    private static Task<Asked> AddAsync(Stage stage, DemoClient client, CancellationToken cancellationToken) =>
        stage.AskAsync(client, $"add 1 to {stage.Key}", KeyValueOperation.Increment(stage.Key), cancellationToken);
}
