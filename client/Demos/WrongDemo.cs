namespace OrleansPbft.ClientConsole.Demos;

/// <summary>A backup with invalid and incorrect results.</summary>
internal sealed class WrongDemo : BackupFaultDemo
{
    public override string Name => "wrong";

    public override string Point => "f faulty replicas can not outvote anybody: f + 1 equal replies contain one of a correct replica, which is right.";

    protected override string Mode => "wrong";

    protected override string Does => "gives invalid and incorrect answers";

    protected override Task JudgeAsync(Stage stage, int victim, IReadOnlyList<Asked> asked) => stage.Narrator.CheckAsync(
        asked.All(one => one.VerdictOn(victim) != Verdict.Equal) && asked.Any(one => one.VerdictOn(victim) == Verdict.Different),
        $"whatever replica {victim} said was different, and counted for nothing");
}
