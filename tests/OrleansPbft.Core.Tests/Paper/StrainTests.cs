using static OrleansPbft.Core.Tests.Claims;
using static OrleansPbft.Core.Tests.ViewChangeTests;

namespace OrleansPbft.Core.Tests;

/// <summary>How patient a replica is with primaries that work, and not as fast as is asked of them (VC-10). Else a cluster that is asked too much would
/// depose one honest primary after another.</summary>
public sealed class StrainTests
{
    private const int StepMilliseconds = 250;

    private readonly ReplicaUnderTest _backup = new ReplicaUnderTest(self: 3, configure: static o => o with
    {
        LogWindow = 1024,
        ViewChangeTimeoutMax = TimeSpan.FromSeconds(10),
    }).WithSession();

    private long _next = 2;

    /// <summary>Each primary that was too slow gives the next one twice the time, as long as a request's own time-out stays below the longest patience.</summary>
    [Fact]
    public void Each_primary_that_works_too_slowly_gives_the_next_one_twice_the_time()
    {
        _backup.Step(Make.Request(1));
        List<int> waits = [];
        foreach (var view in new long[] { 0, 1, 2, 4, 5 })
        {
            if (view > 0) Enter(view);
            waits.Add(MillisecondsUntilSuspected());
        }

        Assert.Equal([1000, 2000, 4000, 8000, 8000], waits);
    }

    /// <summary>A primary that does nothing is no sign of strain: the next one is not given more time than usual.</summary>
    [Fact]
    public void A_primary_that_does_nothing_gives_the_next_one_no_more_time()
    {
        _backup.Step(Make.Request(1));
        _backup.Tick(_backup.Options.RequestTimeout);
        Assert.NotEmpty(_backup.Broadcast<Suspect>());

        Enter(1);

        Assert.Equal(1000, MillisecondsUntilSuspected());
    }

    /// <summary>Each longest patience of a view that works takes back one doubling, and no more than there were. It goes on while the last one is measured.</summary>
    [Theory]
    [InlineData(5_500, 4000)]
    [InlineData(10_000, 2000)]
    [InlineData(17_500, 2000)]
    [InlineData(20_000, 1000)]
    [InlineData(40_000, 1000)]
    public void Time_in_which_all_goes_well_makes_it_strict_again(int calm, int expected)
    {
        _backup.Step(Make.Request(1));
        MillisecondsUntilSuspected();
        Enter(1);
        MillisecondsUntilSuspected();
        Enter(2);
        Order(Make.Request(1));
        for (var passed = 0; passed < calm; passed += StepMilliseconds)
        {
            _backup.Tick(TimeSpan.FromMilliseconds(StepMilliseconds));
            Order(Make.Open((int)_next));
        }

        Assert.Equal(0, _backup.Replica.Pending);
        _backup.Step(Make.Request(2));

        Assert.Equal(expected, MillisecondsUntilSuspected());
    }

    /// <summary>Lets the primary order everything but what waits, until that is suspicious.</summary>
    private int MillisecondsUntilSuspected()
    {
        for (var waited = 0; waited < 60_000; waited += StepMilliseconds)
        {
            _backup.Now = _backup.Now.Plus(TimeSpan.FromMilliseconds(1));
            Order(Make.Open((int)_next));
            _backup.Tick(TimeSpan.FromMilliseconds(StepMilliseconds - 1));
            if (_backup.Broadcast<Suspect>().Any()) return waited + StepMilliseconds;
        }

        return int.MaxValue;
    }

    private void Order(Request request)
    {
        var view = _backup.Replica.View;
        var primary = _backup.Options.Cluster.PrimaryOf(view);
        _backup.Execute(Make.PrePrepare(_next++, Make.Batch(_backup.Now, request), primary.Index, view.Number));
    }

    private void Enter(long view)
    {
        var set = Enumerable.Range(0, 3).Select(i => Of(i, view: view)).ToArray();
        _backup.StepAll(set);
        _backup.Step(NewView(_backup, view, set));
        Assert.Equal((new View(view), true), (_backup.Replica.View, _backup.Replica.IsActive));
    }
}
