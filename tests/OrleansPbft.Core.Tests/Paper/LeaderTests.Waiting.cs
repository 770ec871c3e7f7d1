namespace OrleansPbft.Core.Tests;

/// <content>How long a batch waits, and how much of it one client may have (ADR 0017).</content>
public sealed partial class LeaderTests
{
    /// <summary>N-7, ADR 0017: after a batch of several, as many are waited for again, beside those that waited already.</summary>
    [Fact]
    public void A_batch_waits_for_those_that_were_just_answered()
    {
        LeadWithBatchesOf(100);
        Order(Make.Request(9, client: 9)); // comes while the five are in flight
        Later(TimeSpan.FromMilliseconds(2));
        Lead(executed: 2);
        Assert.Empty(Proposals);

        for (var client = 1; client <= 4; client++) Order(Make.Request(2, client: client));
        Assert.Empty(Proposals);
        Order(Make.Request(2, client: 5));

        Assert.Equal(6, Assert.Single(Proposals).Batch.Requests.Length);
    }

    /// <summary>N-7, ADR 0017: those are waited for as long as their batch took, and no longer: the next is as large as those that came.</summary>
    [Theory]
    [InlineData(2, 2)]
    [InlineData(9, 5)]
    public void Who_does_not_come_again_is_waited_for_once(int took, int waited)
    {
        LeadWithBatchesOf(100);
        Later(TimeSpan.FromMilliseconds(took));
        Lead(executed: 2);
        Order(Make.Request(2, client: 1));
        Order(Make.Request(2, client: 2));

        Later(TimeSpan.FromMilliseconds(waited) - TimeSpan.FromMicroseconds(1));
        Step(LeaderInput.Tick);
        Assert.Empty(Proposals);
        Assert.Equal(_now.Plus(TimeSpan.FromMicroseconds(1)), _wokenAt);
        Later(TimeSpan.FromMicroseconds(1));
        Step(LeaderInput.Tick);
        Assert.Equal(2, Assert.Single(Proposals).Batch.Requests.Length);

        Later(TimeSpan.FromMilliseconds(1));
        Lead(executed: 3);
        Order(Make.Request(3, client: 1));
        Assert.Empty(Proposals);
        Order(Make.Request(3, client: 2));
        Assert.Equal(2, Assert.Single(Proposals).Batch.Requests.Length);
    }

    /// <summary>N-7, ADR 0017: the first that comes again waits for the others as long as their batch took, from then on.</summary>
    [Fact]
    public void The_first_that_comes_again_waits_from_then_on()
    {
        LeadWithBatchesOf(100);
        Later(TimeSpan.FromMilliseconds(2));
        Lead(executed: 2);
        Later(TimeSpan.FromMilliseconds(3.999));
        Order(Make.Request(2, client: 1));
        Assert.Empty(Proposals);

        Later(TimeSpan.FromMilliseconds(1.999));
        Step(LeaderInput.Tick);
        Assert.Empty(Proposals);
        Later(TimeSpan.FromMilliseconds(0.001));
        Step(LeaderInput.Tick);
        Assert.Single(Proposals);
    }

    /// <summary>N-7, ADR 0017: a request that comes when nobody can be expected any more is proposed at once.</summary>
    [Fact]
    public void After_a_pause_nobody_is_waited_for()
    {
        LeadWithBatchesOf(100);
        Later(TimeSpan.FromMilliseconds(2));
        Lead(executed: 2);
        Later(TimeSpan.FromMilliseconds(4));

        Order(Make.Request(2, client: 1));

        Assert.Single(Proposals);
    }

    /// <summary>N-7, ADR 0017: with a batch in flight, too, a request waits no longer than the last one took.</summary>
    [Fact]
    public void A_batch_closes_once_it_waited_as_long_as_the_last_took()
    {
        Lead();
        Order(Make.Request(1));
        Later(TimeSpan.FromMilliseconds(1));
        Lead(executed: 1);
        Order(Make.Request(2));
        Order(Make.Request(3));
        Assert.Equal(_now.Plus(TimeSpan.FromMilliseconds(1)), _wokenAt);

        Later(TimeSpan.FromMilliseconds(1));
        Step(LeaderInput.Tick);

        Assert.Equal(3, Assert.Single(Proposals).Batch.Requests.Single().Id.Number);
    }

    /// <summary>C-6, ADR 0017: while the pipeline is busy, one that floods has no more in each batch than those beside it; before and after it has what is left.</summary>
    [Fact]
    public void One_that_floods_does_not_fill_the_batches_of_others()
    {
        var leader = new Leader(new(0), _options with { BatchMax = 1000, LogWindow = 1000, BatchDelayMax = TimeSpan.Zero });
        var (executed, number) = (0, 0);
        StepOf(LeaderInput.Of(new LeaderUpdate(View.Initial, true, new(1), default, default, default)));
        var shares = new List<int>();
        for (var round = 1; round <= 100; round++)
        {
            for (var i = 0; i < 20; i++) StepOf(LeaderInput.Of(Make.Request(++number, client: 99)));
            for (var client = 1; client <= 16; client++) StepOf(LeaderInput.Of(Make.Request(round, client: client)));
            _outbox.Clear();
            Later(TimeSpan.FromMilliseconds(10));
            StepOf(LeaderInput.Of(new LeaderUpdate(View.Initial, true, new(1), new(executed += leader.Outstanding), default, default)));
            shares.Add(Proposals.Sum(static proposal => proposal.Batch.Requests.Count(static request => request.Id.Client == Make.Client(99))));
        }

        Assert.True(shares[0] > 10, $"{shares[0]}"); // nobody knows yet that the pipeline is busy
        Assert.All(shares[20..], static share => Assert.InRange(share, 0, 1));
        Assert.True(shares.Sum() >= 100, $"{shares.Sum()}"); // and it has its turns

        void StepOf(in LeaderInput input) => leader.Step(_now, input, _outbox);
    }

    /// <summary>Leads with a batch of five clients' in flight, proposed now.</summary>
    private void LeadWithBatchesOf(int batchMax)
    {
        _leader = new(new(0), _options with { BatchMax = batchMax });
        Lead();
        Order(Make.Request(1, client: 9));
        for (var client = 1; client <= 5; client++) Order(Make.Request(1, client: client));
        Later(_options.BatchDelayMax - TimeSpan.FromMicroseconds(1));
        Lead(executed: 1);
        Assert.Empty(Proposals); // the first might come again
        Later(_options.BatchDelayMax);
        Step(LeaderInput.Tick);
        Assert.Equal(5, Assert.Single(Proposals).Batch.Requests.Length);
    }

    private void Later(TimeSpan time) => _now = _now.Plus(time);
}
