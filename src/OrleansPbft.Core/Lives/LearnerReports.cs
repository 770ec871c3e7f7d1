namespace OrleansPbft.Core;

/// <summary>What its peers tell a learner: who vouches that it never spoke, and, in case it did, how far they themselves had come (rule D-5, ADR 0014).</summary>
/// <remarks>Only answers to this very life are to be noted: anything older could be from before what was lost.</remarks>
internal sealed class LearnerReports(ClusterSize cluster)
{
    private readonly Report?[] _reports = new Report?[cluster.Replicas];
    private ReplicaSet _vouchers;

    /// <summary>Whether q - 1 peers know of no other life: then there was none in which this replica took part.</summary>
    public bool IsVouchedFor => _vouchers.Count >= cluster.Quorum - 1;

    /// <summary>E: no sequence number above it was executed by a correct replica before this life began; null until q peers bound it, and a correct one has reached it.</summary>
    public SequenceNumber? HighestExecuted =>
        Bound(static report => report.First.HighestPrepared.Value, static report => report.Prepared.Value) is { } n ? new(n) : null;

    /// <summary>In the same way, the highest view for which q replicas had ever left the one before.</summary>
    public View? HighestView => Bound(static report => report.First.View.Number, static report => report.View.Number) is { } v ? new(v) : null;

    /// <summary>Takes an answer of a peer.</summary>
    public void Note(Status answer)
    {
        if (answer.Vouches) _vouchers = _vouchers.With(answer.Sender);
        if (answer.Life != 0) return; // a learner has forgotten how far it had come
        ref var report = ref _reports[answer.Sender.Index];
        report ??= new(answer);
        report.GoOn(answer);
    }

    /// <summary>The lowest value that q peers were not beyond when they first answered, if by now f + 1 have reached it.</summary>
    /// <remarks>
    /// Not too low: of the replicas that make a quorum one is among the q. Not too high: a liar's value above all others is not reached by
    /// f + 1; and all correct peers reach the highest value of any of them, so the bound is found once they all answer.
    /// </remarks>
    private long? Bound(Func<Report, long> first, Func<Report, long> latest)
    {
        var reports = _reports.Where(static report => report is not null).Select(static report => report!).ToList();
        if (reports.Count < cluster.Quorum) return null;
        var bound = reports.Select(first).Order().ElementAt(cluster.Quorum - 1);
        return reports.Count(report => latest(report) >= bound) >= cluster.WeakQuorum ? bound : null;
    }

    /// <summary>What one peer said first, and the most it has said since.</summary>
    private sealed class Report(Status first)
    {
        public Status First { get; } = first;

        public SequenceNumber Prepared { get; private set; }

        public View View { get; private set; }

        public void GoOn(Status answer)
        {
            if (answer.HighestPrepared > Prepared) Prepared = answer.HighestPrepared;
            if (answer.View > View) View = answer.View;
        }
    }
}
