namespace OrleansPbft.Core.Tests;

/// <summary>D-5: what a learner makes of what its peers say, truly or not.</summary>
public sealed class LearnerReportsTests
{
    /// <summary>q - 1 vouchers: with the learner itself a quorum, of which f + 1 others are correct.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    [InlineData(6, 3)]
    [InlineData(7, 4)]
    public void Q_minus_1_vouchers_are_enough_and_one_less_is_not(int replicas, int needed)
    {
        var reports = new LearnerReports(new(replicas));
        for (var i = 1; i <= needed; i++)
        {
            Assert.False(reports.IsVouchedFor);
            reports.Note(Answer(i) with { Vouches = true });
            if (i < needed) reports.Note(Answer(i) with { Vouches = true }); // again: no second one
        }

        Assert.True(reports.IsVouchedFor);
    }

    [Fact]
    public void Who_does_not_vouch_is_not_counted_and_who_did_stays_counted()
    {
        var reports = new LearnerReports(new(4));
        reports.Note(Answer(1) with { Vouches = true });
        reports.Note(Answer(2));
        Assert.False(reports.IsVouchedFor);

        reports.Note(Answer(1));
        reports.Note(Answer(3) with { Vouches = true });

        Assert.True(reports.IsVouchedFor);
    }

    /// <summary>A learner may vouch, but how far it had come it does not know itself.</summary>
    [Fact]
    public void Another_learner_vouches_and_reports_nothing()
    {
        var reports = new LearnerReports(new(4));
        reports.Note(Answer(1, prepared: 9) with { Life = 5, Vouches = true });
        reports.Note(Answer(2, prepared: 9));
        reports.Note(Answer(3, prepared: 9) with { Vouches = true });

        Assert.True(reports.IsVouchedFor);
        Assert.Null(reports.HighestExecuted);
        reports.Note(Answer(1, prepared: 4)); // it takes part by now
        Assert.Equal(new(9), reports.HighestExecuted);
    }

    [Theory]
    [InlineData("10 12", null)] // two are not q
    [InlineData("10 12 12", 12L)]
    [InlineData("12 10 12", 12L)]
    [InlineData("10 12 13", null)] // 13 is what one alone says
    [InlineData("0 0 0", 0L)]
    [InlineData("7 7 1000000000000", null)] // of three others one lies, beside the learner: more than f = 1
    public void Q_peers_bound_it_and_f_plus_1_support_it(string prepared, long? expected)
    {
        var reports = new LearnerReports(new(4));
        var i = 1;
        foreach (var p in prepared.Split(' ')) reports.Note(Answer(i++, long.Parse(p, System.Globalization.CultureInfo.InvariantCulture)));

        Assert.Equal(expected is { } n ? new SequenceNumber(n) : null, reports.HighestExecuted);
    }

    /// <summary>One of six others lies (f = 2, and the learner is the other): it neither raises the bound nor lowers it below what the correct ones say.</summary>
    [Theory]
    [InlineData(long.MaxValue / 2)]
    [InlineData(0)]
    public void A_liar_moves_it_nowhere(long lie)
    {
        var reports = new LearnerReports(new(7));
        reports.Note(Answer(1, lie, view: lie));
        for (var i = 2; i <= 6; i++) reports.Note(Answer(i, prepared: 40, view: 3));

        Assert.Equal((new SequenceNumber(40), new View(3)), (reports.HighestExecuted!.Value, reports.HighestView!.Value));
    }

    /// <summary>A peer that has come further since is no reason to wait longer; and it supports what another said first.</summary>
    [Fact]
    public void What_a_peer_said_first_bounds_it_and_what_it_says_now_supports_it()
    {
        var reports = new LearnerReports(new(4));
        reports.Note(Answer(1, prepared: 5, view: 1));
        reports.Note(Answer(2, prepared: 6, view: 1));
        reports.Note(Answer(3, prepared: 20, view: 4));
        Assert.Null(reports.HighestExecuted);
        Assert.Null(reports.HighestView);

        reports.Note(Answer(1, prepared: 30, view: 6));
        reports.Note(Answer(1, prepared: 2, view: 0)); // late, or a lie: it stays at 30

        Assert.Equal((new SequenceNumber(20), new View(4)), (reports.HighestExecuted!.Value, reports.HighestView!.Value));
    }

    /// <summary>
    /// The theorem behind it: whatever liars say and whoever is silent, no bound is below what a quorum with the lost life in it ever executed, and
    /// none is above what a correct replica has reached. With all correct peers heard and of one mind there is one.
    /// </summary>
    [Fact]
    public void It_is_never_too_low_and_never_made_up()
    {
        var random = new Random(20260);
        var bounds = 0;
        for (var run = 0; run < 5000; run++)
        {
            var cluster = new ClusterSize(new[] { 4, 5, 6, 7, 8, 9, 10, 13 }[run % 8]);
            var (n, f, q) = (cluster.Replicas, cluster.MaxFaulty, cluster.Quorum);
            var liars = random.Next(f); // the learner is the f-th
            var executed = random.Next(1, 100);
            int[] others = [.. Enumerable.Range(1, n - 1)];
            random.Shuffle(others);
            var correct = others[liars..];

            // q executed it together: the liars, the learner, and the rest of them correct.
            var first = correct.Select((_, i) => i < q - 1 - liars ? random.Next(executed, executed + 9) : random.Next(0, executed + 9)).ToArray();
            var reports = new LearnerReports(cluster);
            foreach (var liar in others[..liars]) reports.Note(Answer(liar, random.Next(3) == 0 ? 0 : random.NextInt64(1L << 40)));
            var order = Enumerable.Range(0, correct.Length).ToArray();
            random.Shuffle(order);
            foreach (var i in order)
            {
                reports.Note(Answer(correct[i], first[i]));
                Check();
            }

            foreach (var i in order) reports.Note(Answer(correct[i], first.Max()));
            Check();
            Assert.NotNull(reports.HighestExecuted);

            void Check()
            {
                if (reports.HighestExecuted is not { } bound) return;
                bounds++;
                Assert.True(bound.Value >= executed, $"run {run}: {bound} and {executed} was executed");
                Assert.True(bound.Value <= first.Max(), $"run {run}: {bound}, and no correct replica is beyond {first.Max()}");
            }
        }

        Assert.True(bounds > 5000);
    }

    private static Status Answer(int sender, long prepared = 0, long view = 0) =>
        new(new(view), true, SequenceNumber.Zero, SequenceNumber.Zero, new(sender)) { HighestPrepared = new(prepared), Echo = 1 };
}
