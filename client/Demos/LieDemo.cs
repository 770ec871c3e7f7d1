using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>A backup that lies: to everybody something else.</summary>
internal sealed class LieDemo : BackupFaultDemo
{
    public override string Name => "lie";

    public override string Point =>
        "A liar that tells everybody something else convinces nobody: replicas decide with q of n, any two q share a correct replica, and what contradicts itself is evidence.";

    protected override string Mode => "lie";

    protected override string Does => "lies: to each replica and each client its own lie";

    protected override Task JudgeAsync(Stage stage, int victim, IReadOnlyList<Asked> asked) => stage.Narrator.CheckAsync(
        asked.All(one => one.VerdictOn(victim) != Verdict.Equal) && asked.Any(one => one.VerdictOn(victim) == Verdict.Different),
        $"whatever replica {victim} said was different, and counted for nothing");

    protected override async Task GoOnAsync(Stage stage, int victim, DemoClient client, DemoClient other, CancellationToken cancellationToken)
    {
        await stage.Narrator.StepAsync("Two clients read the counter: what are they told?", cancellationToken);
        var one = await stage.AskAsync(client, $"one client reads {stage.Key}", KeyValueOperation.Get(stage.Key), cancellationToken);
        var another = await stage.AskAsync(other, $"another client reads {stage.Key}", KeyValueOperation.Get(stage.Key), cancellationToken);
        await stage.Narrator.CheckAsync(one.Number is not null && one.Number == another.Number, "both clients accept the same answer");
        if (!one.Exchange.TryGetReplyOf(victim, out var toOne, out _) || !another.Exchange.TryGetReplyOf(victim, out var toAnother, out _)) return;
        await stage.ObserveAsync(
            $"replica {victim} told one client '{Wording.Of(toOne)}' and another '{Wording.Of(toAnother)}'",
            "lies",
            ("toOne", Wording.Of(toOne)),
            ("toAnother", Wording.Of(toAnother)));
    }
}
