using System.Runtime.CompilerServices;
using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Tests.Transcripts;

/// <summary>View changes and state transfers, message by message; and schedules that broke others (LESSONS B13, B36).</summary>
public sealed class ViewChangeTranscriptTests
{
    [Fact]
    public void A_silent_primary_is_replaced_and_the_request_runs_in_the_next_view()
    {
        using var scene = SceneOf("VC-1 ... VC-6: nothing that 0 says arrives. Two of the backups suspect, all leave v0, 1 begins v1, and the request is executed there.");
        scene.Links.Lose(static (from, _, _) => from == 0);
        scene.Submit("increment k");
        scene.Run(milliseconds: 320);
        Verify(scene, done: 1);
    }

    [Fact]
    public void A_prepared_request_is_carried_over_and_executed_once()
    {
        using var scene = SceneOf("VC-4: n2 prepares everywhere in v0 and commits nowhere, as all COMMITs are lost; then 0 is silent. P names it, v1 chooses it.");
        scene.Links.Lose(static (_, _, kind) => kind == MessageKind.Commit);
        scene.Submit("increment k");
        scene.Run(milliseconds: 10);
        scene.Note("0 is silent from here on");
        scene.Links.Lose(static (from, _, _) => from == 0);
        while (scene.Replicas[1].Machine.View == View.Initial) scene.Run(milliseconds: 1);
        scene.Note("v0 is left; COMMITs arrive from here on");
        scene.Links.Heal();
        scene.Links.Lose(static (from, _, _) => from == 0);
        scene.Run(milliseconds: 100);
        Verify(scene, done: 1);
    }

    [Fact]
    public void An_equivocating_primary_is_caught_and_replaced()
    {
        using var scene = SceneOf("VC-8: 0 proposes different batches at n2 to different backups. Their votes and relays give it away.");
        scene.Spoil(0, FaultKind.Equivocate);
        scene.Submit("increment k");
        scene.Run(milliseconds: 700);
        Verify(scene, done: 1);
    }

    [Fact]
    public void Two_primaries_in_a_row_are_silent()
    {
        using var scene = SceneOf("VC-7: f = 2, 0 and 1 are silent. v1 never begins; its time-out leads to v2.", replicas: 7);
        scene.Links.Lose(static (from, _, _) => from is 0 or 1);
        scene.Submit("increment k");
        scene.Run(milliseconds: 700);
        Verify(scene, done: 1);
    }

    [Fact]
    public void A_new_view_that_its_view_changes_do_not_decide_is_refused()
    {
        using var scene = SceneOf("VC-5: 0 is cut off; 1 begins v1 with a choice more than its VIEW-CHANGEs decide. Everybody finds that out alone; v2 works.");
        Func<int, int, MessageKind, bool> lost = static (from, to, kind) => from == 0 || to == 0 || (from == 1 && kind == MessageKind.NewView);
        scene.Links.Lose(lost);
        scene.Submit("increment k");
        while (scene.Replicas[1].Machine is not { View.Number: 1, IsActive: true }) scene.Run(milliseconds: 1);
        var honest = scene.LastSent(1, InputKind.NewView).NewView;
        var decision = new ViewChangeDecision(honest.Decision.Base, honest.Decision.Choices.Add(Digest.Of("made up"u8)));
        scene.Note("what 1 says instead");
        scene.Links.Heal();
        foreach (var to in new[] { 2, 3 }) scene.Lie(1, to, new NewView(honest.View, honest.ViewChanges, decision, new(1)));
        scene.Links.Lose(lost);
        scene.Run(milliseconds: 700);
        Verify(scene, done: 1);
    }

    [Fact]
    public void A_replica_that_missed_two_checkpoints_fetches_the_state()
    {
        using var scene = SceneOf(
            "ST-1 ... ST-3: 3 is cut off while the others pass two checkpoints and drop their logs; then it is given the state, and takes part.",
            configure: static o => o with { CheckpointInterval = 2, LogWindow = 4 });
        scene.Links.Lose(static (from, to, _) => from == 3 || to == 3);
        for (var i = 0; i < 4; i++)
        {
            scene.Submit("increment k");
            scene.Run(milliseconds: 10);
        }

        scene.Note("3 is back");
        scene.Links.Heal();
        scene.Run(milliseconds: 500);
        scene.Submit("increment k");
        scene.Run(milliseconds: 20);
        Assert.Equal(scene.Replicas[0].Machine.LastExecuted, scene.Replicas[3].Machine.LastExecuted);
        Verify(scene, done: 5);
    }

    /// <summary>LESSONS B13: in pbft-java replica 3 executed a batch at another slot than everybody else.</summary>
    [Fact]
    public void A_proposal_moved_to_another_slot_for_one_replica_executes_nowhere_else()
    {
        using var scene = SceneOf("B13: 0 tells 3 that the batch is for n3, and all others that it is for n2.");
        Func<int, int, MessageKind, bool> lost = static (from, to, kind) => kind == MessageKind.PrePrepare && from == 0 && to == 3;
        scene.Links.Lose(lost);
        scene.Submit("increment k");
        scene.Run(milliseconds: 2);
        scene.Links.Heal();
        scene.Lie(0, 3, new PrePrepare(new(0), new(3), scene.LastSent(0, InputKind.PrePrepare).PrePrepare.Batch, new(0)));
        scene.Links.Lose(lost);
        scene.Run(milliseconds: 10);
        scene.Links.Heal();
        scene.Run(milliseconds: 500);
        Assert.All(scene.Replicas, static replica => Assert.Equal(new(2), replica.Machine.LastExecuted));
        Assert.Single(scene.Replicas.Select(static replica => replica.State.ComputeDigest()).Distinct());
        Verify(scene, done: 1);
    }

    /// <summary>LESSONS B36: the schedule after which pbft-java's clients waited for ever. Rounds are message delays of one millisecond.</summary>
    [Fact]
    public void The_schedule_that_stopped_another_implementation_does_not_stop_this_one()
    {
        using var scene = SceneOf("B36: 3 is faulty; in round 5 2 is alone and 3 lies, in round 8 everybody is alone and 3 lies again; then the network is well.");
        scene.Submit("increment k");
        scene.Submit("increment k");
        scene.Run(milliseconds: 4);
        scene.Links.Lose(static (from, to, _) => (from == 2) != (to == 2));
        scene.Lie(3, 0, new Vote(VotePhase.Commit, new(0), new(2), Digest.Of("corrupt"u8), new(3)));
        scene.Lie(3, 1, new Vote(VotePhase.Commit, new(0), new(3), Digest.Of("corrupt"u8), new(3)));
        scene.Run(milliseconds: 3);
        scene.Links.Lose(static (_, _, _) => true);
        scene.Lie(3, 0, new Vote(VotePhase.Prepare, new(0), new(3), Digest.Of("corrupt"u8), new(3)));
        scene.Run(milliseconds: 1);
        scene.Note("the network is well from here on");
        scene.Links.Heal();
        scene.Run(milliseconds: 500);
        Assert.Single(scene.Replicas.Take(3).Select(static replica => replica.State.ComputeDigest()).Distinct());
        Verify(scene, done: 2);
    }

    private static Scene SceneOf(string title, int replicas = 4, Func<ProtocolOptions, ProtocolOptions>? configure = null) => new Scene(
        title,
        replicas,
        configure: options =>
        {
            options = options with
            {
                RequestTimeout = TimeSpan.FromMilliseconds(50),
                OrderingDelayMax = TimeSpan.FromMilliseconds(50),
                ViewChangeTimeout = TimeSpan.FromMilliseconds(50),
                ViewChangeTimeoutMax = TimeSpan.FromMilliseconds(400),
                StatusInterval = TimeSpan.FromMilliseconds(100),
                HeartbeatInterval = TimeSpan.FromMilliseconds(400),
            };
            return configure is null ? options : configure(options);
        }).WithSessions();

    private static void Verify(Scene scene, int done, [CallerMemberName] string name = "")
    {
        Assert.True(scene.Clients[0].IsDone);
        Assert.Equal(done, scene.Clients[0].Completed);
        Transcript.Verify(scene, name);
    }
}
