namespace OrleansPbft.Core;

/// <summary>What is known of one sequence number: the proposal, the votes, and what P and Q of a view change will need.</summary>
/// <remarks>Reused in a ring as the window moves, so that a slot costs no allocation in steady state.</remarks>
internal sealed class Slot
{
    private readonly List<(Digest Digest, View View)> _prePrepared = [];

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

    /// <summary>The entry of P: what last prepared here, in the latest view it did.</summary>
    public (Digest Digest, View View)? LastPrepared { get; private set; }

    /// <summary>The entries of Q: each digest pre-prepared here with the latest view it was.</summary>
    public IReadOnlyList<(Digest Digest, View View)> PrePrepared => _prePrepared;

    /// <summary>Whether anything is known of this sequence number.</summary>
    public bool IsOpen => Proposal is not null || Candidate is not null || Prepares.Voters != default || Commits.Voters != default;

    /// <summary>Starts over for <paramref name="sequence"/>.</summary>
    public void Reset(SequenceNumber sequence)
    {
        Sequence = sequence;
        Proposal = null;
        Candidate = null;
        Prepares.Clear();
        Commits.Clear();
        IsPrepared = false;
        Committed = null;
        LastPrepared = null;
        _prePrepared.Clear();
    }

    /// <summary>Takes <paramref name="proposal"/> as the one of its view, and into Q.</summary>
    public void Accept(PrePrepare proposal)
    {
        Proposal = proposal;
        var known = _prePrepared.FindIndex(entry => entry.Digest == proposal.Digest);
        if (known >= 0) _prePrepared[known] = (proposal.Digest, proposal.View);
        else _prePrepared.Add((proposal.Digest, proposal.View));
    }

    /// <summary>Marks the accepted proposal prepared, and takes it into P.</summary>
    public void MarkPrepared()
    {
        IsPrepared = true;
        LastPrepared = (Proposal!.Digest, Proposal.View);
    }

    /// <summary>Marks <paramref name="batch"/> committed.</summary>
    public void MarkCommitted(Batch batch) => Committed = batch;

    /// <summary>The batch that digests to <paramref name="digest"/>, when it is at hand.</summary>
    public Batch? BatchOf(Digest digest) =>
        Proposal?.Digest == digest ? Proposal.Batch :
        Candidate?.Digest == digest ? Candidate.Batch : null;
}
