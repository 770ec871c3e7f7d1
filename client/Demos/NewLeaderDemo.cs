using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>The primary falls silent, and the next one takes over.</summary>
internal sealed class NewLeaderDemo : LiveDemo
{
    private const int Additions = 5;

    public override string Name => "new-leader";

    public override string Summary => "the primary falls silent; the others suspect it, change the view, and the next primary goes on";

    public override string Point =>
        "The primary is trusted with nothing: when it does not lead, f + 1 replicas that suspect it are enough to leave it, and q of them carry all that "
        + "was decided into the next view.";

    public override async Task PlayAsync(Stage stage, CancellationToken cancellationToken)
    {
        var narrator = stage.Narrator;
        await narrator.StepAsync("Before: a client adds 1 to a counter.", cancellationToken);
        var client = stage.OpenClient();
        var first = await AddAsync(stage, client, cancellationToken);
        await narrator.CheckAsync(first.Number == 1, "the answer is 1");
        var before = await stage.ShowStatusAsync(await stage.SettleAsync(cancellationToken));
        var deposed = before.Primary;

        await narrator.StepAsync($"Replica {deposed}, the primary of view {before.View}, falls silent. The client keeps asking.", cancellationToken);
        await stage.BreakAsync(deposed, "silent", cancellationToken);
        var numbers = new List<long?>();
        await using (var watch = ViewWatch.Start(stage.Endpoint, await stage.StatusAsync(cancellationToken), stage.Time))
        {
            var asked = await AddAsync(stage, client, cancellationToken);
            numbers.Add(asked.Number);
            await narrator.StepAsync("What the replicas did meanwhile, by their own account.", cancellationToken);
            await ShowChangesAsync(stage, watch, before, asked);
        }

        await narrator.StepAsync("The client asks on; the next primary answers as the one before did.", cancellationToken);
        for (var i = 1; i < Additions; i++) numbers.Add((await AddAsync(stage, client, cancellationToken)).Number);
        await narrator.CheckAsync(
            numbers.SequenceEqual(Enumerable.Range(2, Additions).Select(static number => (long?)number)),
            $"{Additions} additions, and the counter went from 1 to {Additions + 1} by ones: nothing was lost or doubled");
        var during = await stage.ShowStatusAsync(await stage.StatusAsync(cancellationToken));
        await narrator.CheckAsync(during.View > before.View, $"the view is beyond {before.View}");
        await narrator.CheckAsync(during.Primary != deposed, $"the primary is no longer replica {deposed}");

        await narrator.StepAsync($"Replica {deposed} is healed. It is a backup now.", cancellationToken);
        await stage.HealAsync(cancellationToken);
        var last = await AddAsync(stage, client, cancellationToken);
        await narrator.CheckAsync(last.Number == Additions + 2, $"the answer is {Additions + 2}");
        var settled = await stage.ShowStatusAsync(await stage.SettleAsync(cancellationToken));
        await narrator.CheckAsync(Stage.IsSettled(settled), "all replicas are in one view and have one state, without a restart");
        await stage.TidyAsync(client, cancellationToken);
    }

    private static async Task ShowChangesAsync(Stage stage, ViewWatch watch, Client.StatusDocument before, Asked asked)
    {
        var changes = watch.Changes;
        await stage.Narrator.ObserveAsync(ViewWatch.Describe(changes), ViewWatch.ToJson(changes));
        await stage.Narrator.SayAsync(
            $"A replica leaves a view when f + 1 = {stage.Cluster.WeakQuorum} replicas signed a SUSPECT of its primary. The next primary begins its view with a "
            + $"NEW-VIEW that holds q = {stage.Cluster.Quorum} signed VIEW-CHANGEs, which prove what may have been decided.");
        await stage.ObserveAsync(
            $"The answer came after {Wording.Of(asked.Elapsed)}. A replica waits {before.RequestTimeoutSeconds:0.###} s for a request before it suspects, and at first "
            + $"{before.ViewChangeTimeoutSeconds:0.###} s for a new view before it tries the one after.",
            "new-view",
            ("milliseconds", Wording.Milliseconds(asked.Elapsed)),
            ("requestTimeoutSeconds", before.RequestTimeoutSeconds),
            ("viewChangeTimeoutSeconds", before.ViewChangeTimeoutSeconds));
    }

    private static Task<Asked> AddAsync(Stage stage, DemoClient client, CancellationToken cancellationToken) =>
        stage.AskAsync(client, $"add 1 to {stage.Key}", KeyValueOperation.Increment(stage.Key), cancellationToken);
}
