using System.Numerics;
using OrleansPbft.Client;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Recording.Drawing;

/// <summary>Draws one sequence number on its way through the three phases, as figure 1 of the PBFT paper does: rules N-2 to N-6.</summary>
internal sealed class RequestDrawing
{
    private readonly Scene _scene;
    private readonly SlotRecord?[] _slots;
    private readonly ViewRecord?[] _views;
    private readonly RequestMark[] _requests;
    private readonly SlotRecord[] _known;
    private readonly View _view;
    private readonly int _primary;
    private readonly ulong _agreed;

    private RequestDrawing(Scene scene, SlotRecord?[] slots, RequestMark[] requests, Func<long, ViewRecord?[]> viewsOf)
    {
        _scene = scene;
        _slots = slots;
        _requests = requests;
        _known = [.. slots.OfType<SlotRecord>()];
        _view = ViewOf(_known);
        _primary = scene.Cluster.PrimaryOf(_view).Index;
        _agreed = AgreedBy(_known);
        _views = _view.Number == 0 || IsProposed ? [] : viewsOf(_view.Number);
    }

    /// <summary>Joins what each replica knows of one sequence number.</summary>
    /// <param name="scene">Of what cluster, and by whose account.</param>
    /// <param name="sequence">n.</param>
    /// <param name="slots">By replica; null of those that know nothing, and of those elsewhere.</param>
    /// <param name="findRequest">How a request reached a replica.</param>
    /// <param name="viewsOf">What each replica knows of the change to a view.</param>
    public static Picture Draw(
        Scene scene, long sequence, SlotRecord?[] slots, Func<int, RequestId, RequestMark> findRequest, Func<long, ViewRecord?[]> viewsOf)
    {
        var agreed = AgreedBy([.. slots.OfType<SlotRecord>()]);
        var batch = slots.FirstOrDefault(slot => slot is { Requests: not null } && slot.Digest == agreed);
        var requests = new RequestMark[slots.Length];
        for (var i = 0; batch is { Requests: > 0 } && i < slots.Length; i++)
        {
            var isKept = slots[i] is { ExecutedAt: not 0 } slot && slot.First.Id == batch.First.Id;
            requests[i] = isKept ? slots[i]!.First : scene.Knows(i) ? findRequest(i, batch.First.Id) : default;
        }

        return new RequestDrawing(scene, slots, requests, viewsOf).Draw(sequence, batch);
    }

    private bool IsProposed => _known.Any(slot => (slot.ProposalAt != 0 && slot.ProposalView == _view.Number) || (slot.Proposed.At != 0 && slot.Proposed.View == _view.Number));

    private Picture Draw(long sequence, SlotRecord? batch)
    {
        var client = batch is { Requests: > 0 } ? batch.First.Id.Client.ToString()[..8] : null;
        var picture = new Picture(_scene)
        {
            Id = $"n{sequence}",
            Kind = TraceDocument.RequestKind,
            View = _view.Number,
            Sequence = sequence,
            Title = $"n {sequence} in view {_view.Number}: {Say(batch, client)}",
            Primary = _primary,
            Digest = DigestStart.Show(_agreed),
            Requests = batch?.Requests,
            Client = client,
            TraceId = _known.Select(static slot => SampledTraceOf(slot.TraceParent)).FirstOrDefault(static id => id is not null),
            Complete = _known.Count(static slot => slot.ExecutedAt != 0) >= _scene.Enough,
        };
        AddRequests(picture.Arrows);
        for (var to = 0; to < _slots.Length; to++)
        {
            if (to == _primary) continue;
            if (_views.Length == 0) AddProposal(picture.Arrows, to);
            else ViewChangeDrawing.AddNewView(picture.Arrows, _primary, to, _views, $"carries n {sequence} over from the view before");
        }

        AddVotes(picture.Arrows, VotePhase.Prepare, "prepare", FirstOf(static slot => slot.PrePreparedAt));
        AddVotes(picture.Arrows, VotePhase.Commit, "commit", FirstOf(static slot => slot.PreparedAt));
        AddReplies(picture.Arrows);
        for (var i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] is { } slot) AddPhases(picture, i, slot);
        }

        return picture;
    }

    /// <summary>The last view in which any replica here got anywhere with it; else that in which it was proposed.</summary>
    private static View ViewOf(SlotRecord[] known)
    {
        var views = known.Where(static slot => slot.PrePreparedAt != 0 || slot.CommittedAt != 0).Select(static slot => slot.View).ToArray();
        if (views.Length > 0) return new(views.Max());
        return new(known.Select(static slot => Math.Max(slot.ProposalView, slot.Proposed.View)).DefaultIfEmpty().Max());
    }

    /// <summary>What was committed, where anything was; else what most accepted, or got.</summary>
    private static ulong AgreedBy(SlotRecord[] known)
    {
        var committed = Plurality.Of(known.Where(static slot => slot.CommittedAt != 0).Select(static slot => slot.Digest));
        if (committed != 0) return committed;
        var last = ViewOf(known).Number;
        var accepted = Plurality.Of(known.Where(slot => slot.PrePreparedAt != 0 && slot.View == last).Select(static slot => slot.Digest));
        return accepted != 0 ? accepted : Plurality.Of(known.Where(static slot => slot.ProposalAt != 0).Select(static slot => slot.ProposalDigest));
    }

    private static string Say(SlotRecord? batch, string? client) => batch?.Requests switch
    {
        null => "a batch that is not known here",
        0 => "nothing, to fill a gap",
        1 when batch.First.Id.Session == SessionId.None => $"{client} opens a session",
        1 => $"1 request of {client}",
        _ => $"{batch.Requests} requests, the first of {client}",
    };

    private static string? SampledTraceOf(string? traceParent) =>
        traceParent is { Length: 55 } && (traceParent[^1] - '0') % 2 == 1 ? traceParent[3..35] : null;

    private long FirstOf(Func<SlotRecord, long> timeOf) =>
        _known.Where(slot => slot.View == _view.Number).Aggregate(0L, (first, slot) => Sent.Earlier(first, timeOf(slot)));

    /// <summary>Whether a replica was done with the slot in an earlier view: what came later it did not note.</summary>
    private bool IsDoneBefore(int replica) => _slots[replica] is { ExecutedAt: not 0 } slot && slot.View < _view.Number;

    private void AddRequests(Arrows arrows)
    {
        for (var i = 0; i < _requests.Length; i++)
        {
            var request = _requests[i];
            if (request.FromClientAt != 0) arrows.Add("request", TraceMessageDocument.Client, i, 0, request.FromClientAt);
            if (request.PassedOnAt != 0)
            {
                var isThere = (_requests[request.PassedOnTo].ForwardedBy & (1UL << i)) != 0;
                if (isThere) arrows.Add("forward", i, request.PassedOnTo, request.PassedOnAt, Math.Max(request.PassedOnAt, _requests[request.PassedOnTo].ForwardedAt));
                else arrows.AddBetween("forward", i, request.PassedOnTo, new(request.PassedOnAt, 0, 0), default);
            }

            for (var others = request.ForwardedBy & ~_scene.Hosted.Bits; others != 0; others &= others - 1)
            {
                arrows.Add("forward", BitOperations.TrailingZeroCount(others), i, 0, request.ForwardedAt, TraceMessageDocument.Unseen);
            }
        }
    }

    private void AddProposal(Arrows arrows, int to)
    {
        var own = _slots[_primary]?.Proposed is { } proposed && proposed.View == _view.Number ? proposed.At : 0;
        if (_slots[to] is not { } slot || slot.ProposalAt == 0 || slot.ProposalView != _view.Number)
        {
            if (!IsDoneBefore(to)) arrows.AddBetween("pre-prepare", _primary, to, new(own, 0, 0), default);
            return;
        }

        var lie = slot.ProposalContradicted ? "two proposals for one sequence number"
            : slot.ProposalDigest != _agreed ? "another proposal than the others got"
            : null;
        var from = slot.ProposalFrom;
        var arrival = new PeerMark { At = slot.ProposalAt, From = from };
        if (from == _primary || (uint)from >= (uint)_slots.Length)
        {
            arrows.AddBetween("pre-prepare", _primary, to, new(own, _slots[_primary]?.PassedOnAt[to] ?? 0, 0), arrival, lie);
            return;
        }

        arrows.AddBetween("pre-prepare", _primary, to, new(own, 0, 0), default); // what came was another's copy
        var mark = lie is not null ? TraceMessageDocument.Lying : TraceMessageDocument.Resent;
        arrows.Add("pre-prepare", from, to, _slots[from]?.PassedOnAt[to] ?? 0, slot.ProposalAt, mark, lie ?? "passed on, as the primary's own was not there");
    }

    private void AddVotes(Arrows arrows, VotePhase phase, string kind, long dueAt)
    {
        for (var from = 0; from < _slots.Length; from++)
        {
            if (phase == VotePhase.Prepare && from == _primary) continue; // its PRE-PREPARE was its vote (N-3)
            var own = phase == VotePhase.Prepare ? _slots[from]?.Prepare : _slots[from]?.Commit;
            var sentAt = own is { } vote && vote.View == _view.Number ? vote.At : 0;
            for (var to = 0; to < _slots.Length; to++)
            {
                if (to == from || IsDoneBefore(to)) continue;
                var arrival = _slots[to]?.MarksOf(phase)[from] ?? default;
                if (arrival.View != _view.Number) arrival = default;
                var lie = arrival.Contradicts ? "votes for two digests" : _agreed != 0 && arrival.Digest != _agreed ? "votes for another digest" : null;
                var sent = new Sent(sentAt, _slots[from]?.MarksOf(phase)[to].ResentAt ?? 0, IsDoneBefore(from) ? 0 : dueAt);
                arrows.AddBetween(kind, from, to, sent, arrival, lie);
            }
        }
    }

    /// <summary>Where any replica answered, all that are here should. What they say can be compared, as it was agreed on.</summary>
    private void AddReplies(Arrows arrows)
    {
        if (_known.All(static slot => slot.RepliedAt == 0)) return;
        var result = Plurality.Of(_known.Where(static slot => slot is { RepliedAt: not 0, ReplyFate: ReplyFate.Sent }).Select(static slot => slot.ReplyHash));
        var dueAt = _known.Aggregate(0L, static (first, slot) => Sent.Earlier(first, slot.RepliedAt));
        for (var i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] is { RepliedAt: not 0 } slot)
            {
                var (mark, note) = Judge(slot, result);
                arrows.Add("reply", i, TraceMessageDocument.Client, slot.RepliedAt, 0, mark, note);
            }
            else if (_scene.Knows(i) && _scene.IsOverdue(dueAt))
            {
                arrows.Add("reply", i, TraceMessageDocument.Client, 0, 0, TraceMessageDocument.Missing, "it was never sent");
            }
        }
    }

    private static (string? Mark, string? Note) Judge(SlotRecord slot, int result) => slot.ReplyFate switch
    {
        ReplyFate.Withheld => (TraceMessageDocument.Missing, "it was held back on purpose"),
        ReplyFate.Altered => (TraceMessageDocument.Lying, "tells something else than was executed, on purpose"),
        _ when slot.ReplyHash != result => (TraceMessageDocument.Lying, "another result than the others"),
        _ => (null, null),
    };

    private void AddPhases(Picture picture, int replica, SlotRecord slot)
    {
        var isIts = slot.ProposalView == slot.View;
        var began = isIts ? slot.ProposalAt : slot.PrePreparedAt;
        if (replica == _primary && _requests[replica].ArrivedAt is var requested and not 0) began = Sent.Earlier(began, requested); // with the time it took to be ordered
        picture.AddPhase(replica, "pre-prepare", began, slot.PrePreparedAt);
        if (slot.PreparedAt != 0 || slot.CommittedAt == 0) picture.AddPhase(replica, "prepare", slot.PrePreparedAt, slot.PreparedAt);
        picture.AddPhase(replica, "commit", slot.PreparedAt != 0 || slot.CommittedAt == 0 ? slot.PreparedAt : slot.PrePreparedAt, slot.CommittedAt);
        picture.AddPhase(replica, "execute", slot.CommittedAt, slot.ExecutedAt);
        if (slot is { ExecutedAt: not 0, RepliedAt: not 0 }) picture.AddPhase(replica, "reply", slot.ExecutedAt, slot.RepliedAt);
    }
}
