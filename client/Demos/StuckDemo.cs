using OrleansPbft.Core;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>A backup that repeats its first answer.</summary>
internal sealed class StuckDemo : BackupFaultDemo
{
    public override string Name => "stuck";

    public override string Point => "An answer that was right once is wrong later: it counts only with f others that say the same to the same request.";

    protected override string Mode => "stuck";

    protected override string Does => "repeats its first answer to whatever it is asked";

    protected override async Task JudgeAsync(Stage stage, int victim, IReadOnlyList<Asked> asked)
    {
        var said = asked.Select(one => one.Exchange.TryGetReplyOf(victim, out var reply, out _) ? reply : null).OfType<Reply>().ToArray();
        await stage.Narrator.CheckAsync(
            said.Length > 1 && said.DistinctBy(static reply => (reply.Sequence, Convert.ToHexString(reply.Results.Span))).Count() == 1,
            $"replica {victim} gave one and the same answer to different requests");
        await stage.Narrator.CheckAsync(
            asked.Skip(1).All(one => one.VerdictOn(victim) != Verdict.Equal), "after the first time it was different, and counted for nothing");
    }
}
