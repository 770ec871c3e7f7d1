using static OrleansPbft.Core.Tests.Claims;
using static OrleansPbft.Core.Tests.NewViewTests;
using static OrleansPbft.Core.Tests.ViewChangeTests;

namespace OrleansPbft.Core.Tests;

/// <summary>How long a replica waits for a view to begin and to work: rules VC-6 and VC-7, sentence by sentence.</summary>
public sealed class NewViewTimerTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    /// <summary>VC-7 (B33): the wait starts at q VIEW-CHANGEs, not before; then T for the NEW-VIEW, and the view is suspected.</summary>
    [Fact]
    public void The_wait_for_a_new_view_starts_at_q_view_changes()
    {
        var backup = new ReplicaUnderTest(self: 3);
        Leave(backup, 0, 2);
        backup.Tick(TimeSpan.FromMinutes(10));
        Assert.Empty(backup.Broadcast<Suspect>());
        backup.Step(Of(0, view: 1));
        backup.Tick(TimeSpan.FromMinutes(10));
        Assert.Empty(backup.Broadcast<Suspect>());

        backup.Step(Of(2, view: 1));
        backup.Tick(backup.Options.ViewChangeTimeout - Moment);
        Assert.Empty(backup.Broadcast<Suspect>());
        backup.Tick(Moment);

        Assert.Equal(new Suspect(new(1), new(3)), backup.Broadcast<Suspect>().First());
        Assert.Equal((long)SuspicionCause.NewViewOverdue, Assert.Single(backup.Events(ProtocolEventKind.Suspected)).Amount);
        Assert.Equal(new View(1), backup.Replica.View);
        backup.Step(new Suspect(new(1), new(2)));
        Assert.Equal(new View(2), backup.Replica.View);
    }

    /// <summary>VC-7 (B34): T doubles with each view without progress, up to the most; progress resets it.</summary>
    [Fact]
    public void The_wait_doubles_to_its_cap_and_progress_resets_it()
    {
        var backup = new ReplicaUnderTest(self: 9, replicas: 10, configure: static o => o with { ViewChangeTimeoutMax = TimeSpan.FromSeconds(10) });
        List<double> waits = [];
        foreach (var view in new[] { 1, 2, 3, 4, 5, 6 }) waits.Add(Wait(backup, view));
        Assert.Equal([2, 4, 8, 10, 10, 10], waits);

        backup.Step(NewView(backup, 6, [.. All(backup, 6)]));
        backup.Execute(Make.PrePrepare(1, Make.Batch(backup.Now, Make.Open()), sender: 6, view: 6));

        Assert.Equal(2, Wait(backup, 7));
    }

    /// <summary>VC-7: T is for the first progress too: a view that began with work and does none is suspected.</summary>
    [Fact]
    public void A_view_without_first_progress_is_suspected()
    {
        var backup = new ReplicaUnderTest(self: 3);
        backup.Step(Known);
        Leave(backup, 0, 2);
        backup.Step(Choosing(backup, Known.Digest));

        backup.Tick(backup.Options.ViewChangeTimeout - Moment);
        Assert.Empty(backup.Broadcast<Suspect>());
        backup.Tick(Moment);

        Assert.NotEmpty(backup.Broadcast<Suspect>());
        Assert.Equal((long)SuspicionCause.NewViewOverdue, Assert.Single(backup.Events(ProtocolEventKind.Suspected)).Amount);
    }

    /// <summary>VC-7: where several choices are carried over, the first of them is not yet progress; all of them are, and give requests their usual time.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void All_that_is_carried_over_is_the_first_progress(int executed, bool isSuspected)
    {
        var backup = new ReplicaUnderTest(self: 3, configure: static o => o with { RequestTimeout = 2 * o.ViewChangeTimeout }); // the request's own time is not up
        PrePrepare[] proposals = [Known, Make.PrePrepare(2, Make.Open(client: 2))];
        backup.StepAll(proposals);
        Leave(backup, 0, 2);
        LogEntry[] entries = [.. proposals.Select(static p => new LogEntry(p.Sequence, p.Digest, p.View))];
        backup.Step(NewView(backup, 1, [.. Enumerable.Range(0, 3).Select(i =>
            new ViewChange(new(1), new(0), [Held(0)], i == 0 ? [] : [.. entries], i == 0 ? [] : [.. entries], new(i), Make.Bytes($"naming {i}")))]));

        for (var n = 0; n < executed; n++)
        {
            foreach (var i in new[] { 0, 1, 2 }) backup.Step(new Vote(VotePhase.Commit, new(1), new(n + 1), proposals[n].Digest, new(i)));
        }

        Assert.Equal(executed, backup.Replica.LastExecuted.Value);
        backup.Step(Make.Open(client: 7));
        backup.Tick(backup.Options.ViewChangeTimeout - Moment);
        Assert.Empty(backup.Broadcast<Suspect>());
        backup.Tick(Moment);
        Assert.Equal(isSuspected, backup.Events(ProtocolEventKind.Suspected).Any(static e => e.Amount == (long)SuspicionCause.NewViewOverdue));
    }

    /// <summary>VC-7: a view that has nothing to do is not suspected for doing nothing.</summary>
    [Fact]
    public void A_view_with_nothing_to_do_is_left_in_peace()
    {
        var backup = new ReplicaUnderTest(self: 3);
        Leave(backup, 0, 2);
        backup.StepAll(Of(0, view: 1), Of(1, view: 1), Of(2, view: 1));
        backup.Step(NewView(backup, 1, Of(0, view: 1), Of(1, view: 1), Of(2, view: 1)));

        backup.Tick(TimeSpan.FromHours(2));

        Assert.Empty(backup.Broadcast<Suspect>());
    }

    /// <summary>VC-6: timers of requests in a view that followed fruitless ones are as patient as T.</summary>
    [Fact]
    public void Request_timers_wait_as_long_as_the_view_does()
    {
        var backup = new ReplicaUnderTest(self: 9, replicas: 10);
        foreach (var view in new[] { 1, 2, 3 }) Wait(backup, view);
        backup.Step(Make.Open());
        backup.Step(NewView(backup, 4, [.. All(backup, 4)]));

        backup.Tick(TimeSpan.FromSeconds(16) - Moment);
        Assert.Empty(backup.Broadcast<Suspect>());
        backup.Tick(Moment);
        Assert.NotEmpty(backup.Broadcast<Suspect>());
        Assert.Single(backup.Events(ProtocolEventKind.RequestOverdue));
    }

    /// <summary>Goes to <paramref name="view"/> with all others, and counts the seconds until it is suspected.</summary>
    private static double Wait(ReplicaUnderTest backup, long view)
    {
        backup.StepAll(All(backup, view));
        Assert.Equal((new View(view), false), (backup.Replica.View, backup.Replica.IsActive));
        for (var waited = 0.0; waited < 100; waited += 0.25)
        {
            if (backup.Broadcast<Suspect>().Any()) return waited;
            backup.Tick(TimeSpan.FromSeconds(0.25));
        }

        return double.NaN;
    }

    /// <summary>What q others say when they leave for <paramref name="view"/>.</summary>
    private static IEnumerable<ViewChange> All(ReplicaUnderTest backup, long view) =>
        Enumerable.Range(0, backup.Options.Cluster.Quorum).Select(i => Of(i, view: view));
}
