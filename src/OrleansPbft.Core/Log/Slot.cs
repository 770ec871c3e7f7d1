namespace OrleansPbft.Core;

/// <summary>What is known of one sequence number: the proposal, the votes, and what P and Q of a view change will need.</summary>
/// <remarks>Reused in a ring as the window moves, so that a slot costs no allocation in steady state.</remarks>
internal sealed class Slot
{
    private readonly List<LogEntry> _prePrepared = [];
    private readonly List<Batch> _batches = []; // of Q, for those who lack them and for views to come

    public Slot(ClusterSize cluster)
    {
        Prepares = new(cluster.Replicas);
        Commits = new(cluster.Replicas);
    }

    /// <summary>n; zero while the slot is unused.</summary>
    public SequenceNumber Sequence { get; private set; }

    /// <summary>The proposal accepted in the current view: the one this replica votes for.</summary>
    public PrePrepare? Proposal { get; set; }

    /// <summary>A proposal at hand that this replica does not vote for (yet): ahead of the window, refused, or contradicting.
    /// Its batch executes all the same once q COMMITs name it (rule N-4).</summary>
    public PrePrepare? Candidate { get; set; }

    /// <summary>PREPAREs of the current view.</summary>
    public VoteTally Prepares { get; }

    /// <summary>COMMITs of the current view.</summary>
    public VoteTally Commits { get; }

    /// <summary>prepared(m, v, n, i) holds in the current view.</summary>
    public bool IsPrepared { get; private set; }

    /// <summary>The committed batch, once q COMMITs name it and it is at hand.</summary>
    public Batch? Committed { get; private set; }

    /// <summary>What the NEW-VIEW of the current view chose here; null beyond its choices.</summary>
    public Digest? Chosen { get; private set; }

    /// <summary>The entry of P: what last prepared here, in the latest view it did.</summary>
    public LogEntry? LastPrepared { get; private set; }

    /// <summary>The entries of Q: each digest pre-prepared here with the latest view it was, the latest <see cref="ViewChange.PrePreparedMax"/>.</summary>
    public IReadOnlyList<LogEntry> PrePrepared => _prePrepared;

    /// <summary>Starts over for <paramref name="sequence"/>.</summary>
    public void Reset(SequenceNumber sequence)
    {
        Sequence = sequence;
        LeaveView();
        Committed = null;
        LastPrepared = null;
        _prePrepared.Clear();
        _batches.Clear();
    }

    /// <summary>Forgets what was said in the view that ends. P, Q, their batches, and what is committed stay.</summary>
    public void LeaveView()
    {
        Proposal = null;
        Candidate = null;
        Chosen = null;
        Prepares.Clear();
        Commits.Clear();
        IsPrepared = false;
    }

    /// <summary>Takes note of what the NEW-VIEW of the view that begins chose: the primary can propose nothing else here.</summary>
    public void Choose(Digest digest) => Chosen = digest;

    /// <summary>A later NEW-VIEW shows that what last prepared here never committed, and never will: P names it no more.</summary>
    public void ForgetPrepared() => LastPrepared = null;

    /// <summary>Takes <paramref name="proposal"/> as the one of its view, and into Q.</summary>
    public void Accept(PrePrepare proposal)
    {
        Proposal = proposal;
        NoteProposed(proposal);
    }

    /// <summary>Takes <paramref name="proposal"/> into Q. One of an earlier view is a proposal that our own leader made before it learned that the view
    /// is over: others may have prepared it, and where one correct replica and a liar did, nothing can be chosen here without our entry (VC-4).</summary>
    public void NoteProposed(PrePrepare proposal)
    {
        if (_prePrepared.Exists(entry => entry.Digest == proposal.Digest && entry.View >= proposal.View)) return;
        _prePrepared.RemoveAll(entry => entry.Digest == proposal.Digest);
        var later = _prePrepared.FindIndex(entry => entry.View > proposal.View);
        _prePrepared.Insert(later < 0 ? _prePrepared.Count : later, new(Sequence, proposal.Digest, proposal.View));
        Keep(proposal.Batch);
        if (_prePrepared.Count <= ViewChange.PrePreparedMax) return;

        // The oldest goes. Our own P does not name it any more: the NEW-VIEW that let another be proposed disproved it. Whose P still does is shown that.
        var digest = _prePrepared[0].Digest;
        _prePrepared.RemoveAt(0);
        _batches.RemoveAll(batch => batch.Digest == digest);
    }

    /// <summary>Keeps a batch that Q names, or that was chosen.</summary>
    public void Keep(Batch batch)
    {
        if (!_batches.Exists(known => known.Digest == batch.Digest)) _batches.Add(batch);
    }

    /// <summary>Marks the accepted proposal prepared, and takes it into P.</summary>
    public void MarkPrepared()
    {
        IsPrepared = true;
        LastPrepared = new(Sequence, Proposal!.Digest, Proposal.View);
    }

    /// <summary>Marks <paramref name="batch"/> committed.</summary>
    public void MarkCommitted(Batch batch) => Committed = batch;

    /// <summary>The batch that digests to <paramref name="digest"/>, when it is at hand.</summary>
    public Batch? BatchOf(Digest digest)
    {
        if (Proposal?.Digest == digest) return Proposal.Batch;
        if (Candidate?.Digest == digest) return Candidate.Batch;
        if (Committed?.Digest == digest) return Committed;
        return _batches.Find(batch => batch.Digest == digest);
    }
}
