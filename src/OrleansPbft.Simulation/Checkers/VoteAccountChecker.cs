using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>A witness of everything that left an honest replica, over all its lives: what it said once, its later VIEW-CHANGEs account for (rules D-3, VC-2).</summary>
/// <remarks>
/// A PREPARE, or a PRE-PREPARE of its own, must be in Q; what it prepared and sent a COMMIT for, in P; a CHECKPOINT, in C, as far as the window reaches; what is at or below its
/// stable checkpoint is covered by that. And no vote leaves for a view that a VIEW-CHANGE of its own has left. The witness forgets nothing where the replica crashes.
/// </remarks>
internal sealed class VoteAccountChecker(SimulationReport report, int window)
{
    private readonly Dictionary<ReplicaId, Account> _accounts = [];
    private readonly Dictionary<View, List<NewView>> _newViews = [];

    /// <summary>The replica crashed and starts again.</summary>
    public void Restarted(ReplicaId replica)
    {
        var account = Of(replica);
        account.Lives++;
        account.KnowOwnProposals();
        account.Proven.IntersectWith(account.Prepared.Keys); // what it only knew in its last life it may know no more
    }

    /// <summary>The replica took a proposal of its own leader in: from here on it must account for it.</summary>
    public void Stepped(ReplicaId replica, in Input input)
    {
        if (input.Kind == InputKind.PrePrepare && input.PrePrepare.Sender == replica) Of(replica).KnowOwnProposals(input.PrePrepare.View, input.PrePrepare.Sequence);
    }

    /// <summary>The replica's machine says that d prepared at (v, n).</summary>
    public void Prepared(ReplicaId replica, View view, SequenceNumber sequence, Digest digest) => Of(replica).Proven.Add(new(sequence, digest, view));

    /// <summary>A NEW-VIEW was sent: what it disproves nobody's P need name any more (VC-4).</summary>
    public void Shown(NewView newView)
    {
        if (!_newViews.TryGetValue(newView.View, out var known)) _newViews.Add(newView.View, known = []);
        if (!known.Exists(one => one.Decision.Equals(newView.Decision))) known.Add(newView);
    }

    /// <summary>The replica hands a message of its own to the network.</summary>
    public void Sent(ReplicaId replica, in Input message)
    {
        var account = Of(replica);
        switch (message.Kind)
        {
            case InputKind.Vote:
                var vote = message.Vote;
                if (vote.View < account.Left) throw Failed(replica, $"sent {vote} after its VIEW-CHANGE for {account.Left}");
                var entry = new LogEntry(vote.Sequence, vote.Digest, vote.View);
                if (vote.Phase == VotePhase.Prepare) account.Proposed.TryAdd(entry, account.Lives);
                else if (account.Proven.Contains(entry)) account.Prepared.TryAdd(entry, account.Lives);
                break;
            case InputKind.PrePrepare when message.PrePrepare.Sender == replica:
                account.OwnProposals.Add(new(message.PrePrepare.Sequence, message.PrePrepare.Digest, message.PrePrepare.View));
                break;
            case InputKind.Checkpoint when message.Checkpoint.Sender == replica:
                account.Checkpoints.TryAdd(new(message.Checkpoint.Sequence, message.Checkpoint.Digest), account.Lives);
                break;
            case InputKind.ViewChange when message.ViewChange.Sender == replica && message.ViewChange.View > account.Left:
                account.Left = message.ViewChange.View;
                account.Forget(message.ViewChange.StableCheckpoint);
                break;
        }
    }

    /// <summary>The replica's machine made a VIEW-CHANGE: it is held against all that left before.</summary>
    public void Made(ReplicaId replica, ViewChange viewChange)
    {
        var account = Of(replica);
        if (account.Made.Exists(one => one.SaysTheSame(viewChange))) return; // again, or from its journal: what left meanwhile it can not name
        account.Made.Add(viewChange);
        if (viewChange.View < account.Left) throw Failed(replica, $"goes back to {viewChange.View} after its VIEW-CHANGE for {account.Left}");
        if (viewChange.StableCheckpoint < account.Stable) throw Failed(replica, $"has its stable checkpoint at {viewChange.StableCheckpoint} again, after {account.Stable}");
        foreach (var (entry, life) in account.Proposed) Require(IsInQ(viewChange, entry), "PREPARE or PRE-PREPARE", "Q", entry, life);
        foreach (var (entry, life) in account.Prepared) Require(IsInP(viewChange, entry), "COMMIT", "P", entry, life);
        foreach (var (held, life) in account.Checkpoints)
        {
            var isFar = held.Sequence > viewChange.StableCheckpoint.Plus(window); // executed ahead of its window: C names nothing there
            Require(isFar || viewChange.Checkpoints.Contains(held), "CHECKPOINT", "C", new(held.Sequence, held.Digest, default), life);
        }

        void Require(bool isThere, string said, string where, in LogEntry entry, int life)
        {
            if (entry.Sequence <= viewChange.StableCheckpoint) return;
            if (!isThere) throw Failed(replica, $"left a {said} {entry.View} {entry.Sequence} d:{entry.Digest}, and {where} of its {viewChange} does not account for it");
            report.Count(life == account.Lives ? Mark.VotesAccountedFor : Mark.VotesAccountedForAfterRestart);
        }
    }

    private static SimulationFailedException Failed(ReplicaId replica, string what) => new($"Vote account: {replica} {what}.");

    private static bool IsInQ(ViewChange viewChange, in LogEntry entry)
    {
        var named = viewChange.PrePreparedAt(entry.Sequence);
        foreach (ref readonly var one in named)
        {
            if (one.Digest == entry.Digest && one.View >= entry.View) return true;
        }

        return named.Length == ViewChange.PrePreparedMax; // it names the digests of the latest views
    }

    private bool IsInP(ViewChange viewChange, in LogEntry entry)
    {
        if (viewChange.PreparedAt(entry.Sequence) is { } named && (named.View > entry.View || named == entry)) return true;
        foreach (var (view, shown) in _newViews)
        {
            if (view <= entry.View || view > viewChange.View) continue;
            foreach (var one in shown)
            {
                if (one.Disproves(entry)) return true;
            }
        }

        return false;
    }

    private Account Of(ReplicaId replica)
    {
        if (!_accounts.TryGetValue(replica, out var account)) _accounts.Add(replica, account = new());
        return account;
    }

    /// <summary>What one replica said, with the number of the life in which it said so first.</summary>
    private sealed class Account
    {
        public int Lives { get; set; }

        /// <summary>The view that its last VIEW-CHANGE to leave is for.</summary>
        public View Left { get; set; }

        /// <summary>The stable checkpoint of that VIEW-CHANGE.</summary>
        public SequenceNumber Stable { get; private set; }

        /// <summary>All that its machine made, whether they left or not.</summary>
        public List<ViewChange> Made { get; } = [];

        public Dictionary<LogEntry, int> Proposed { get; } = [];

        public Dictionary<LogEntry, int> Prepared { get; } = [];

        public Dictionary<HeldCheckpoint, int> Checkpoints { get; } = [];

        public HashSet<LogEntry> Proven { get; } = [];

        /// <summary>What its leader proposed and its replica need not know yet.</summary>
        public HashSet<LogEntry> OwnProposals { get; } = [];

        public void KnowOwnProposals(View? view = null, SequenceNumber sequence = default)
        {
            foreach (var entry in OwnProposals)
            {
                if (view is null || (entry.View == view && entry.Sequence == sequence)) Proposed.TryAdd(entry, Lives);
            }
        }

        /// <summary>What is at or below the stable checkpoint is covered by that.</summary>
        public void Forget(SequenceNumber stable)
        {
            Stable = stable;
            foreach (var entry in Proposed.Keys.Where(entry => entry.Sequence <= stable).ToList()) Proposed.Remove(entry);
            foreach (var entry in Prepared.Keys.Where(entry => entry.Sequence <= stable).ToList()) Prepared.Remove(entry);
            foreach (var held in Checkpoints.Keys.Where(held => held.Sequence <= stable).ToList()) Checkpoints.Remove(held);
            OwnProposals.RemoveWhere(entry => entry.Sequence <= stable);
            Proven.RemoveWhere(entry => entry.Sequence <= stable);
        }
    }
}
