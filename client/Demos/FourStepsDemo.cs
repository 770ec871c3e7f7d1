using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>One request on its way through a sound cluster.</summary>
internal sealed class FourStepsDemo : LiveDemo
{
    public override string Name => "four-steps";

    public override string Summary => "one request, from the client to the primary to all replicas and back";

    public override string Point =>
        "A client needs to trust no single replica: the request is done when f + 1 replicas say the same, as one of any f + 1 is correct.";

    public override bool BreaksReplicas => false;

    public override async Task PlayAsync(Stage stage, CancellationToken cancellationToken)
    {
        var narrator = stage.Narrator;
        var size = stage.Cluster;
        await narrator.StepAsync($"Before: {size.Replicas} replicas, of which f = {size.MaxFaulty} may be faulty.", cancellationToken);
        var client = stage.OpenClient();
        await client.AskAsync("open a session", KeyValueOperation.Get(stage.Key), cancellationToken);
        var before = await stage.ShowStatusAsync(await stage.SettleAsync(cancellationToken));

        await narrator.StepAsync("A client signs a request, sends it, and collects what every replica answers.", cancellationToken);
        var asked = await stage.AskAsync(client, $"add 1 to {stage.Key}", KeyValueOperation.Increment(stage.Key), cancellationToken);
        await narrator.CheckAsync(asked.Number == 1, "the answer is 1");
        var after = await stage.SettleAsync(cancellationToken);

        await narrator.StepAsync("The same in four steps, as it was observed.", cancellationToken);
        if (asked.Outcome is not { } outcome) return;
        var replies = asked.Exchange.Replies;
        var equal = Enumerable.Range(0, size.Replicas).Where(replica => asked.VerdictOn(replica) == Verdict.Equal).ToArray();
        var wentTo = asked.Exchange.Sent[0].To;
        await stage.ObserveAsync(
            $"request: the client sent request {asked.Exchange.Request.Number} to replica {Wording.Of(wentTo)}; the primary of view {before.View} is replica {before.Primary}",
            "request-step",
            ("to", Wording.Ids(wentTo.ToIndexes())),
            ("primary", before.Primary));
        await stage.ObserveAsync($"order: it has sequence number {outcome.Sequence.Value} in view {outcome.View.Number}", "order-step", ("sequence", outcome.Sequence.Value));
        await stage.ObserveAsync(
            $"broadcast: the replicas agreed among themselves (PRE-PREPARE, PREPARE, COMMIT; {size.Quorum} of {size.Replicas} each time). Executed, before and after:\n"
            + string.Join('\n', after.Replicas.Select(replica =>
                $"  replica {replica.Id}   {before.Replicas[replica.Id].LastExecuted} -> {replica.LastExecuted}   state {Wording.ShortDigest(replica.StateDigest)}")),
            "broadcast-step",
            ("lastExecuted", new System.Text.Json.Nodes.JsonArray([.. after.Replicas.Select(static replica => System.Text.Json.Nodes.JsonValue.Create(replica.LastExecuted))])));
        await stage.ObserveAsync(
            $"execute and reply: replicas {string.Join(", ", equal)} gave equal answers. The client was done with those of {Wording.Of(outcome.Replicas)}, "
            + $"after {Wording.Of(asked.Elapsed)}; the last reply came after {Wording.Of(replies[^1].At)}",
            "reply-step",
            ("equal", Wording.Ids(equal)),
            ("agreed", Wording.Ids(outcome.Replicas.ToIndexes())));
        await narrator.CheckAsync(wentTo.Count == 1 && wentTo.ToIndexes()[0] == before.Primary, "the request went to the primary alone");
        await narrator.CheckAsync(outcome.Replicas.Count >= size.WeakQuorum, $"it was done with f + 1 = {size.WeakQuorum} equal replies");
        await narrator.CheckAsync(
            Enumerable.Range(0, size.Replicas).All(replica => asked.VerdictOn(replica) != Verdict.Different), "no replica said anything else");
        await narrator.CheckAsync(
            Stage.IsSettled(after) && after.Replicas[0].LastExecuted >= outcome.Sequence.Value, "all replicas have executed it, and have one state");
        await stage.TidyAsync(client, cancellationToken);
    }
}
