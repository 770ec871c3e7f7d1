using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>One fault more than is tolerated: the cluster stops, and stays right.</summary>
internal sealed class TooManyDemo : LiveDemo
{
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Endurance = TimeSpan.FromMinutes(2);

    public override string Name => "too-many";

    public override string Summary => "f + 1 replicas are silent: no progress, and no wrong answer either; healed, the same request completes once";

    public override string Point =>
        "n = 3f + 1 is the price of f faults: with f + 1 silent ones there is no quorum, so that the cluster stops where it can not be sure, and goes on when it can.";

    public override async Task PlayAsync(Stage stage, CancellationToken cancellationToken)
    {
        var narrator = stage.Narrator;
        var silent = stage.Cluster.WeakQuorum;
        await narrator.StepAsync("Before: a client adds 1 to a counter.", cancellationToken);
        var patient = stage.OpenClient(Endurance);
        var impatient = stage.OpenClient(Impatience);
        await impatient.AskAsync("open a session", KeyValueOperation.Get(stage.Key), cancellationToken);
        var first = await stage.AskAsync(patient, $"add 1 to {stage.Key}", KeyValueOperation.Increment(stage.Key), cancellationToken);
        await narrator.CheckAsync(first.Number == 1, "the answer is 1");
        var before = await stage.ShowStatusAsync(await stage.SettleAsync(cancellationToken));

        await narrator.StepAsync($"f + 1 = {silent} backups fall silent: one more than is tolerated.", cancellationToken);
        foreach (var replica in before.Replicas.Where(replica => replica.Id != before.Primary).TakeLast(silent)) await stage.BreakAsync(replica.Id, "silent", cancellationToken);

        await narrator.StepAsync(
            $"A patient client adds 1 and waits; an impatient one reads, and gives up after {Wording.Of(Impatience)}.", cancellationToken);
        var pending = patient.AskAsync($"add 1 to {stage.Key}", KeyValueOperation.Increment(stage.Key), cancellationToken);
        var read = await stage.AskAsync(impatient, $"read {stage.Key}", KeyValueOperation.Get(stage.Key), cancellationToken);
        await narrator.CheckAsync(read.Timeout is not null, "the impatient client's request timed out");
        await narrator.CheckAsync(read.Outcome is null && !pending.IsCompleted, "no answer was accepted, and so no wrong one");
        var number = patient.Current!.Request.Number;
        await stage.ObserveAsync(
            $"the patient client waits still: request {number} was sent {patient.Current.Sent.Length} times, and {patient.Current.Replies.Length} replies came",
            "waiting",
            ("number", number),
            ("sent", patient.Current.Sent.Length),
            ("replies", patient.Current.Replies.Length));
        var during = await stage.ShowStatusAsync(await stage.StatusAsync(cancellationToken));
        await narrator.CheckAsync(
            during.Replicas.All(replica => replica.LastExecuted == before.Replicas[replica.Id].LastExecuted), "no replica executed anything");

        await narrator.StepAsync("They are healed. Nobody sends anything new.", cancellationToken);
        await stage.HealAsync(cancellationToken);
        var done = await stage.ShowAsync(await pending);
        await narrator.CheckAsync(
            done.Number == 2 && done.Exchange.Request.Number == number, $"the same request, number {number}, is answered now: 2");
        var next = await stage.AskAsync(patient, $"add 1 to {stage.Key}", KeyValueOperation.Increment(stage.Key), cancellationToken);
        await narrator.CheckAsync(next.Number == 3, "the next answer is 3: it was executed once, however often it was sent");
        var settled = await stage.ShowStatusAsync(await stage.SettleAsync(cancellationToken));
        await narrator.CheckAsync(Stage.IsSettled(settled), "all replicas are in one view and have one state");
        await stage.TidyAsync(patient, cancellationToken);
    }
}
