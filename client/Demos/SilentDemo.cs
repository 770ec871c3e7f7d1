namespace OrleansPbft.ClientConsole.Demos;

/// <summary>A backup that says nothing.</summary>
internal sealed class SilentDemo : BackupFaultDemo
{
    public override string Name => "silent";

    public override string Point => "Nobody waits for all replicas: f of them may never answer, so that n - f must be enough for everything.";

    protected override string Mode => "silent";

    protected override string Does => "says nothing any more";

    protected override Task JudgeAsync(Stage stage, int victim, IReadOnlyList<Asked> asked) =>
        stage.Narrator.CheckAsync(asked.All(one => one.VerdictOn(victim) == Verdict.None), $"replica {victim} answered none of them");
}
