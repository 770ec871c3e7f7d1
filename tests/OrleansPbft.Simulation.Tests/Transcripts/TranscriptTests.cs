using System.Runtime.CompilerServices;
using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Tests.Transcripts;

/// <summary>Small clusters whose every message is written down and reviewed. Record again with PBFT_RECORD=1 and read the difference:
/// commit only what you can explain.</summary>
public sealed class TranscriptTests
{
    [Fact]
    public void One_request_runs_through_the_three_phases()
    {
        using var scene = new Scene("PBFT 4.2: request, pre-prepare, prepare, commit, reply. The client accepts at f + 1 = 2 equal replies.");
        scene.Clients[0].Open();
        scene.Run();
        scene.Note("the session is open; now a request of two operations");
        scene.Submit("put k hello", "get k");
        scene.Run();
        Verify(scene);
    }

    [Fact]
    public void Requests_that_wait_for_the_pipeline_form_one_batch()
    {
        using var scene = new Scene(
            "N-7: the first is proposed at once; the three that come meanwhile share a batch, once nobody else is waited for.", configure: o => o with { Pipeline = 1 });
        scene.WithSessions();
        for (var i = 0; i < 4; i++) scene.Submit("increment k");
        scene.Run();
        Verify(scene);
    }

    [Fact]
    public void A_silent_backup_is_not_needed()
    {
        using var scene = new Scene("f = 1: nothing that 3 says arrives.").WithSessions();
        scene.Links.Lose(static (from, _, _) => from == 3);
        scene.Submit("increment k");
        scene.Run();
        Verify(scene);
    }

    [Fact]
    public void Two_silent_backups_of_seven_are_not_needed()
    {
        using var scene = new Scene("f = 2: nothing that 5 and 6 say arrives.", replicas: 7).WithSessions();
        scene.Links.Lose(static (from, _, _) => from is 5 or 6);
        scene.Submit("increment k");
        scene.Run();
        Verify(scene);
    }

    [Fact]
    public void Votes_that_come_before_the_pre_prepare_are_kept()
    {
        using var scene = new Scene("N-6: 3 gets the PRE-PREPARE long after everybody's votes, and then needs nothing more.").WithSessions();
        scene.Links.Delay(static (from, to, kind) => kind == MessageKind.PrePrepare && to == 3, TimeSpan.FromMilliseconds(10));
        scene.Submit("increment k");
        scene.Run();
        Verify(scene);
    }

    [Fact]
    public void A_lost_pre_prepare_is_sent_again()
    {
        using var scene = new Scene("VC-9: 3 misses the PRE-PREPARE, says where it stands, and is given what it lacks.").WithSessions();
        scene.Links.Lose(static (from, to, kind) => kind == MessageKind.PrePrepare && to == 3);
        scene.Submit("increment k");
        scene.Run();
        scene.Links.Heal();
        scene.Run(milliseconds: 300);
        Verify(scene);
    }

    [Fact]
    public void A_repeated_request_is_answered_from_the_cache()
    {
        using var scene = new Scene("C-3: all replies are lost; the client asks all again, and nobody executes again.").WithSessions();
        scene.Links.Lose(static (_, to, kind) => kind == MessageKind.Reply);
        scene.Submit("increment k");
        scene.Run();
        scene.Links.Heal();
        scene.Run(milliseconds: 100);
        Verify(scene);
    }

    [Fact]
    public void A_backup_passes_a_request_on_to_the_primary()
    {
        using var scene = new Scene("C-5: the client never reaches the primary; backups pass its request on.").WithSessions();
        scene.Links.Lose(static (from, to, _) => from == 4 && to == 0);
        scene.Submit("increment k");
        scene.Run(milliseconds: 120);
        Verify(scene);
    }

    [Fact]
    public void A_checkpoint_becomes_stable_and_the_log_is_truncated()
    {
        using var scene = new Scene(
            "K-1: at n2 all say what their state digests to; q = 3 equal ones make it stable. What comes late is below the window.",
            configure: static o => o with { CheckpointInterval = 2, LogWindow = 4 }).WithSessions();
        scene.Links.Delay(static (from, to, kind) => kind == MessageKind.Commit && from == 3 && to == 1, TimeSpan.FromMilliseconds(10));
        scene.Submit("increment k");
        scene.Run();
        Verify(scene);
    }

    [Fact]
    public void The_primary_waits_for_a_checkpoint_when_the_window_is_full()
    {
        using var scene = new Scene(
            "N-2, K-1: h + L = n3. All CHECKPOINTs are lost; n4 has to wait until they are sent again.",
            configure: static o => o with { CheckpointInterval = 1, LogWindow = 2, Pipeline = 2, BatchMax = 1 }).WithSessions();
        scene.Links.Lose(static (_, _, kind) => kind == MessageKind.Checkpoint);
        scene.Submit("increment k");
        scene.Submit("increment k");
        scene.Submit("increment k");
        scene.Run();
        scene.Note("the network is well again");
        scene.Links.Heal();
        scene.Run(milliseconds: 300);
        Verify(scene);
    }

    [Fact]
    public void A_conflicting_vote_is_evidence_and_counts_for_nothing()
    {
        using var scene = new Scene("N-6: 3 commits to another digest towards 1, and then to the right one.").WithSessions();
        scene.Lie(3, 1, new Vote(VotePhase.Commit, new(0), new(2), Digest.Of("wrong"u8), new(3)));
        scene.Run(milliseconds: 2);
        scene.Submit("increment k");
        scene.Run();
        Verify(scene);
    }

    [Fact]
    public void A_replica_whose_state_diverged_alarms_and_repairs_itself()
    {
        using var scene = new Scene("K-3: the state of 2 rots before the checkpoint at n2.", configure: static o => o with { CheckpointInterval = 2, LogWindow = 4 });
        scene.WithSessions();
        scene.Replicas[2].Service.Rot();
        scene.Submit("increment k");
        scene.Run();
        scene.Note("2 has the state that the quorum certified, and takes part");
        scene.Submit("increment k");
        scene.Run();
        Verify(scene);
    }

    [Fact]
    public void The_least_recently_used_session_makes_room()
    {
        using var scene = new Scene("C-2: one session at a time; c1's evicts c0's, whose next request is told so.", clients: 2, configure: static o => o with { SessionsMax = 1 });
        scene.Clients[0].Open();
        scene.Run();
        scene.Clients[1].Open();
        scene.Run();
        scene.Note("c0 goes on in its old session");
        scene.Submit("increment k");
        scene.Run(milliseconds: 103);
        Verify(scene);
    }

    [Fact]
    public void A_busy_primary_says_when_to_come_back()
    {
        using var scene = new Scene(
            "C-6: room for one waiting request; the second is refused with a hint, and sent again when it says.",
            configure: static o => o with { PendingMax = 1, BusyRetryAfter = TimeSpan.FromMilliseconds(30) }).WithSessions();
        scene.Submit("increment k");
        scene.Submit("increment k");
        scene.Run(milliseconds: 60);
        Verify(scene);
    }

    [Fact]
    public void A_cluster_of_one_agrees_with_itself()
    {
        using var scene = new Scene("n = 1, f = 0: for development.", replicas: 1);
        scene.Clients[0].Open();
        scene.Run();
        scene.Submit("increment k");
        scene.Run();
        Verify(scene);
    }

    [Fact]
    public void An_operation_that_throws_fails_alike_everywhere()
    {
        using var scene = new Scene("S-3: each replica's exception says something else; their replies are equal, and the next operation runs.").WithSessions();
        scene.Submit("boom", "increment k", "nonsense");
        scene.Run();
        Verify(scene);
    }

    [Fact]
    public void A_difference_shows_its_line_and_what_is_around_it()
    {
        Assert.Null(Transcript.Difference("a\nb\n", "a\r\nb\r\n"));
        Assert.Equal("differs from line 2 on\n    a\n  - b\n  - \n  + c\n  + ", Transcript.Difference("a\nb\n", "a\nc\n"));
        Assert.Equal("differs from line 2 on\n    a\n  + b", Transcript.Difference("a", "a\nb"));
    }

    private static void Verify(Scene scene, [CallerMemberName] string name = "") => Transcript.Verify(scene, name);
}
