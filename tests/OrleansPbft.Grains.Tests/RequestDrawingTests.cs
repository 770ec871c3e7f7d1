using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Recording;
using OrleansPbft.Grains.Recording.Drawing;

namespace OrleansPbft.Grains.Tests;

/// <summary>How what four replicas know of one sequence number is joined, where something is out of the ordinary.</summary>
public sealed class RequestDrawingTests
{
    private const long N = 5;
    private const long T = 1_000_000_000; // when the proposal left
    private const ulong A = 0xAAAAAAAA_00000000;
    private const ulong B = 0xBBBBBBBB_00000000;
    private const long Now = T + 10_000_000;

    [Fact]
    public void A_vote_under_way_is_neither_missing_nor_there_until_its_grace_is_over()
    {
        var slots = Agreed();
        slots[2].Prepares[1] = default;
        var sentAt = slots[1].Prepare.At;

        var early = Draw(slots, sentAt + Scene.GraceUs);
        var late = Draw(slots, sentAt + Scene.GraceUs + 1);

        Assert.Equal((null, null), Arrow(early, "prepare", 1, 2) is var one ? (one.Mark, one.ArrivedUs) : default);
        Assert.Equal((TraceMessageDocument.Missing, null), Arrow(late, "prepare", 1, 2) is var other ? (other.Mark, other.ArrivedUs) : default);
    }

    [Fact]
    public void A_vote_that_came_after_it_was_sent_again_is_marked_so_and_drawn_from_there()
    {
        var slots = Agreed();
        slots[1].Commits[2].ResentAt = T + 300_000;
        slots[2].Commits[1].At = T + 301_000;

        var message = Arrow(Draw(slots), "commit", 1, 2);

        Assert.Equal((TraceMessageDocument.Resent, 300_000L, 301_000L), (message.Mark, message.SentUs, message.ArrivedUs));
    }

    [Fact]
    public void A_primary_that_proposes_two_batches_lies_to_those_whose_batch_is_not_agreed_on()
    {
        var slots = Agreed();
        slots[3].ProposalDigest = B;
        for (var i = 0; i < 3; i++) slots[i].Prepares[3].Digest = B; // it votes for what it was told

        var trace = Draw(slots);

        Assert.Equal(TraceMessageDocument.Lying, Arrow(trace, "pre-prepare", 0, 3).Mark);
        Assert.Null(Arrow(trace, "pre-prepare", 0, 1).Mark);
        Assert.All([0, 1, 2], to => Assert.Equal(TraceMessageDocument.Lying, Arrow(trace, "prepare", 3, to).Mark));
        Assert.Equal("aaaaaaaa", trace.Digest);
    }

    [Fact]
    public void A_second_proposal_to_the_same_replica_is_a_lie()
    {
        var slots = Agreed();
        slots[2].ProposalContradicted = true;

        var message = Arrow(Draw(slots), "pre-prepare", 0, 2);

        Assert.Equal((TraceMessageDocument.Lying, "two proposals for one sequence number"), (message.Mark, message.Note));
    }

    [Fact]
    public void A_proposal_that_another_passed_on_is_its_arrow_and_the_primary_s_own_is_missing()
    {
        var slots = Agreed();
        (slots[3].ProposalFrom, slots[3].ProposalAt) = (1, T + 5_000);
        slots[1].PassedOnAt[3] = T + 4_000;

        var trace = Draw(slots);

        Assert.Equal(TraceMessageDocument.Missing, Arrow(trace, "pre-prepare", 0, 3).Mark);
        var copy = Arrow(trace, "pre-prepare", 1, 3);
        Assert.Equal((TraceMessageDocument.Resent, 4_000L, 5_000L), (copy.Mark, copy.SentUs, copy.ArrivedUs));
    }

    [Fact]
    public void A_result_that_differs_is_a_lie_though_nobody_was_made_faulty()
    {
        var slots = Agreed();
        slots[2].ReplyHash = 99;

        var trace = Draw(slots);

        Assert.Equal([2], trace.Messages.Where(static one => one is { Kind: "reply", Mark: TraceMessageDocument.Lying }).Select(static one => one.From));
    }

    [Fact]
    public void A_slot_that_a_view_change_carried_over_begins_with_the_new_view()
    {
        var slots = Agreed(view: 1);
        var views = new ViewRecord[4];
        for (var i = 0; i < 4; i++)
        {
            (slots[i].ProposalAt, slots[i].Proposed) = (0, default);
            views[i] = new(4);
            views[i].Reset(1);
            if (i != 1) views[i].NewViews[1].OnArrived(T + 100, 0, 0, 1);
            else views[i].NewView.OnSent(T, 0, 0);
        }

        var trace = RequestDrawing.Draw(Everybody(Now), N, slots, static (_, _) => default, _ => views).ToDocument([]);

        Assert.Equal((1L, 1), (trace.View, trace.Primary));
        Assert.DoesNotContain(trace.Messages, static one => one.Kind == "pre-prepare");
        Assert.Equal([0, 2, 3], trace.Messages.Where(static one => one is { Kind: "new-view", From: 1, Mark: null }).Select(static one => one.To).Order());
        Assert.Equal([0, 2, 3], trace.Messages.Where(static one => one is { Kind: "prepare", To: 1 }).Select(static one => one.From).Order());
    }

    [Fact]
    public void A_forwarded_request_is_drawn_from_the_backup_that_passed_it_on()
    {
        var slots = Agreed();
        var id = slots[0].First.Id;
        slots[0].First = new() { Id = id, ForwardedAt = T - 100, ForwardedBy = 1UL << 2 };
        slots[2].First = new() { Id = id, FromClientAt = T - 300, PassedOnAt = T - 200, PassedOnTo = 0 };

        var trace = Draw(slots);

        Assert.Equal((0L, 2), Assert.Single(trace.Messages, static one => one.Kind == "request") is var request ? (request.ArrivedUs!.Value, request.To) : default);
        Assert.Equal((2, 0, 100L, 200L), Arrow(trace, "forward", 2, 0) is var forward ? (forward.From, forward.To, forward.SentUs!.Value, forward.ArrivedUs!.Value) : default);
    }

    [Fact]
    public void A_replica_that_executed_in_an_earlier_view_misses_nothing_of_a_later_one()
    {
        var slots = Agreed(view: 1);
        slots[3].Reset(N);
        (slots[3].View, slots[3].Digest, slots[3].CommittedAt, slots[3].ExecutedAt) = (0, A, T - 50_000, T - 50_000);
        for (var i = 0; i < 3; i++) (slots[i].Prepares[3], slots[i].Commits[3]) = (default, default);

        var trace = Draw(slots);

        Assert.DoesNotContain(trace.Messages, static one => one.Mark == TraceMessageDocument.Missing && one.Kind != "reply" && (one.From == 3 || one.To == 3));
    }

    [Fact]
    public void An_early_vote_of_a_view_that_is_not_the_trace_s_is_no_arrow()
    {
        var slots = Agreed();
        slots[1].Commits[3].OnArrived(T + 9_000, view: 7, B, from: 3); // a liar spoils its own

        var trace = Draw(slots);

        Assert.Equal(TraceMessageDocument.Missing, Arrow(trace, "commit", 3, 1).Mark);
        Assert.Null(Arrow(trace, "commit", 3, 2).Mark);
    }

    /// <summary>A slot on which all four agree, as each saw it.</summary>
    private static SlotRecord[] Agreed(long view = 0)
    {
        var primary = (int)view % 4;
        var slots = new SlotRecord[4];
        for (var i = 0; i < 4; i++)
        {
            var slot = slots[i] = new(4);
            slot.Reset(N);
            (slot.ProposalAt, slot.ProposalView, slot.ProposalFrom, slot.ProposalDigest) = (T + 100 + i, view, primary, A);
            if (i == primary) slot.Proposed.OnSent(T, view, A);
            else slot.Prepare.OnSent(T + 200, view, A);
            slot.Commit.OnSent(T + 400, view, A);
            for (var peer = 0; peer < 4; peer++)
            {
                if (peer == i) continue;
                if (peer != primary) slot.Prepares[peer].OnArrived(T + 300 + peer, view, A, peer);
                slot.Commits[peer].OnArrived(T + 500 + peer, view, A, peer);
            }

            (slot.View, slot.Digest, slot.Requests) = (view, A, 1);
            slot.First = new() { Id = new(new(17), new(1), 1) };
            (slot.PrePreparedAt, slot.PreparedAt, slot.CommittedAt, slot.ExecutedAt) = (T + 150, T + 350, T + 550, T + 560);
            (slot.RepliedAt, slot.ReplyHash) = (T + 600, 42);
        }

        return slots;
    }

    private static Scene Everybody(long now) => new(new(4), ReplicaSet.FirstN(4), now);

    private static TraceDocument Draw(SlotRecord[] slots, long now = Now) =>
        RequestDrawing.Draw(Everybody(now), N, slots, static (_, id) => new() { Id = id }, static _ => []).ToDocument([]);

    private static TraceMessageDocument Arrow(TraceDocument trace, string kind, int from, int to) =>
        Assert.Single(trace.Messages, one => one.Kind == kind && one.From == from && one.To == to);
}
