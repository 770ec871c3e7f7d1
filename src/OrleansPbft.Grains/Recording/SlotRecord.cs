using OrleansPbft.Core;

namespace OrleansPbft.Grains.Recording;

/// <summary>All that one replica saw and did of one sequence number. Times are microseconds; 0 is never.</summary>
/// <remarks>Where views follow each other the latest one stands, until the slot is executed: what comes after that is not drawn.</remarks>
internal sealed class SlotRecord(int replicas) : IRecord<SlotRecord>
{
    /// <inheritdoc/>
    public long Key { get; private set; }

    /// <summary>When the primary's proposal was there, directly or passed on.</summary>
    public long ProposalAt { get; set; }

    /// <summary>The view it was for.</summary>
    public long ProposalView { get; set; }

    /// <summary>Who handed it on.</summary>
    public int ProposalFrom { get; set; }

    /// <summary>The beginning of its digest.</summary>
    public ulong ProposalDigest { get; set; }

    /// <summary>Whether the primary proposed something else here as well, in the same view.</summary>
    public bool ProposalContradicted { get; set; }

    /// <summary>The trace context that came with it; null for none.</summary>
    public string? TraceParent { get; set; }

    /// <summary>This replica's own proposal, where it led.</summary>
    public OwnMark Proposed;

    /// <summary>Its own PREPARE.</summary>
    public OwnMark Prepare;

    /// <summary>Its own COMMIT.</summary>
    public OwnMark Commit;

    /// <summary>The PREPAREs of the others.</summary>
    public PeerMark[] Prepares { get; } = new PeerMark[replicas];

    /// <summary>The COMMITs of the others.</summary>
    public PeerMark[] Commits { get; } = new PeerMark[replicas];

    /// <summary>When it passed the proposal on, by receiver.</summary>
    public long[] PassedOnAt { get; } = new long[replicas];

    /// <summary>The view in which the slot got as far as it is.</summary>
    public long View { get; set; }

    /// <summary>The beginning of the digest accepted, and later committed.</summary>
    public ulong Digest { get; set; }

    /// <summary>When the proposal was accepted into the log.</summary>
    public long PrePreparedAt { get; set; }

    /// <summary>When it was prepared.</summary>
    public long PreparedAt { get; set; }

    /// <summary>When it was committed.</summary>
    public long CommittedAt { get; set; }

    /// <summary>When it was executed.</summary>
    public long ExecutedAt { get; set; }

    /// <summary>How many requests the batch holds; null while it is not known.</summary>
    public int? Requests { get; set; }

    /// <summary>The first of them, and how it came here.</summary>
    public RequestMark First;

    /// <summary>When the first reply left, or would have.</summary>
    public long RepliedAt { get; set; }

    /// <summary>A hash of that reply's result, comparable within the process.</summary>
    public int ReplyHash { get; set; }

    /// <summary>What became of it.</summary>
    public ReplyFate ReplyFate { get; set; }

    /// <summary>The first that is known of it, but for what peers claim; 0 where there is nothing but that.</summary>
    public long BeganAt => ProposalAt != 0 ? ProposalAt : PrePreparedAt != 0 ? PrePreparedAt : CommittedAt != 0 ? CommittedAt : ExecutedAt;

    /// <inheritdoc/>
    public void Reset(long key)
    {
        Key = key;
        (ProposalAt, ProposalView, ProposalFrom, ProposalDigest, ProposalContradicted, TraceParent) = (0, 0, 0, 0, false, null);
        (Proposed, Prepare, Commit, First) = (default, default, default, default);
        Array.Clear(Prepares);
        Array.Clear(Commits);
        Array.Clear(PassedOnAt);
        (View, Digest, PrePreparedAt, PreparedAt, CommittedAt, ExecutedAt) = (0, 0, 0, 0, 0, 0);
        (Requests, RepliedAt, ReplyHash, ReplyFate) = (null, 0, 0, ReplyFate.Sent);
    }

    /// <inheritdoc/>
    public void CopyTo(SlotRecord other)
    {
        other.Key = Key;
        (other.ProposalAt, other.ProposalView, other.ProposalFrom) = (ProposalAt, ProposalView, ProposalFrom);
        (other.ProposalDigest, other.ProposalContradicted, other.TraceParent) = (ProposalDigest, ProposalContradicted, TraceParent);
        (other.Proposed, other.Prepare, other.Commit, other.First) = (Proposed, Prepare, Commit, First);
        Prepares.CopyTo(other.Prepares, 0);
        Commits.CopyTo(other.Commits, 0);
        PassedOnAt.CopyTo(other.PassedOnAt, 0);
        (other.View, other.Digest) = (View, Digest);
        (other.PrePreparedAt, other.PreparedAt, other.CommittedAt, other.ExecutedAt) = (PrePreparedAt, PreparedAt, CommittedAt, ExecutedAt);
        (other.Requests, other.RepliedAt, other.ReplyHash, other.ReplyFate) = (Requests, RepliedAt, ReplyHash, ReplyFate);
    }

    /// <summary>The primary's proposal arrived; the first one of the latest view stands.</summary>
    public void OnProposalArrived(PrePrepare proposal, ulong digest, int from, string? traceParent, long at)
    {
        var view = proposal.View.Number;
        if (ExecutedAt != 0 && view > View) return;
        if (ProposalAt != 0 && ProposalView == view) ProposalContradicted |= ProposalDigest != digest;
        if (ProposalAt != 0 && ProposalView >= view) return;
        (ProposalAt, ProposalView, ProposalFrom, ProposalDigest, ProposalContradicted, TraceParent) = (at, view, from, digest, false, traceParent);
    }

    /// <summary>A peer's vote arrived.</summary>
    public void OnVoteArrived(in Vote vote, ulong digest, int from, long at)
    {
        if (ExecutedAt != 0 && vote.View.Number > View) return;
        MarksOf(vote.Phase)[vote.Sender.Index].OnArrived(at, vote.View.Number, digest, from);
    }

    /// <summary>Its own vote left for all.</summary>
    public void OnVoteSent(in Vote vote, ulong digest, long at)
    {
        if (ExecutedAt != 0 && vote.View.Number > View) return;
        if (vote.Phase == VotePhase.Prepare) Prepare.OnSent(at, vote.View.Number, digest);
        else Commit.OnSent(at, vote.View.Number, digest);
    }

    /// <summary>The votes of one phase, by sender.</summary>
    public PeerMark[] MarksOf(VotePhase phase) => phase == VotePhase.Prepare ? Prepares : Commits;

    /// <summary>The slot got to the end of a phase.</summary>
    public void OnPhase(in ProtocolEvent what, ulong digest, long at)
    {
        switch (what.Kind)
        {
            case ProtocolEventKind.PrePrepared when ExecutedAt == 0:
                (View, Digest, PrePreparedAt, PreparedAt) = (what.View.Number, digest, at, 0);
                break;
            case ProtocolEventKind.Prepared when ExecutedAt == 0:
                PreparedAt = at;
                break;
            case ProtocolEventKind.Committed when ExecutedAt == 0:
                if (PrePreparedAt == 0) View = what.View.Number; // by the votes of others alone
                (Digest, CommittedAt) = (digest, at);
                break;
            case ProtocolEventKind.Executed when ExecutedAt == 0:
                (Digest, ExecutedAt) = (digest, at);
                break;
        }

        if (what.Batch is not { } batch || (ExecutedAt != 0 && ExecutedAt != at)) return;
        Requests = batch.Requests.Length;
        if (Requests > 0 && First.Id != batch.Requests[0].Id) First = new() { Id = batch.Requests[0].Id };
    }
}
