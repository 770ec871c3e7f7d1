namespace OrleansPbft.Core.Tests;

/// <summary>The ordering role: rules N-1, N-7, C-6.</summary>
public sealed partial class LeaderTests
{
    private readonly Outbox _outbox = new();
    private Leader _leader;
    private Instant _wokenAt;
    private readonly ProtocolOptions _options = new()
    {
        Cluster = new(4),
        CheckpointInterval = 4,
        LogWindow = 8,
        BatchMax = 3,
        Pipeline = 2,
        BatchDelayMax = TimeSpan.FromMilliseconds(5),
    };

    private Instant _now = Make.Noon;

    public LeaderTests() => _leader = new(new(0), _options);

    private IEnumerable<PrePrepare> Proposals => _outbox.Effects.ToArray().Where(e => e.Kind == EffectKind.Broadcast).Select(e => (PrePrepare)e.Message);

    /// <summary>N-7: with nothing in flight a request is proposed at once, durable before it leaves.</summary>
    [Fact]
    public void The_first_request_is_proposed_at_once()
    {
        Lead();

        Order(Make.Request(1));

        var proposal = Assert.Single(Proposals);
        Assert.Equal((View.Initial, new SequenceNumber(1)), (proposal.View, proposal.Sequence));
        var effects = _outbox.Effects.ToArray();
        Assert.True(
            Array.FindIndex(effects, e => e.Kind == EffectKind.Persist) < Array.FindIndex(effects, e => e.Kind == EffectKind.Broadcast));
    }

    /// <summary>A leader that does not lead proposes nothing and keeps nothing.</summary>
    [Fact]
    public void A_backups_leader_orders_nothing()
    {
        Order(Make.Request(1));

        Assert.Empty(Proposals);
        Assert.Equal(0, _leader.Queued);
    }

    /// <summary>N-8: however often and late its replica's orders come, it keeps no more than twice what may wait there; what it leaves is ordered when it comes again.</summary>
    [Fact]
    public void A_leader_keeps_no_more_than_twice_what_may_wait()
    {
        var leader = new Leader(new(0), _options with { PendingMax = 5, BatchMax = 1, Pipeline = 1 });
        leader.Step(_now, LeaderInput.Of(new LeaderUpdate(View.Initial, true, new(1), SequenceNumber.Zero, SequenceNumber.Zero, default)), _outbox);
        for (var i = 1; i <= 20; i++) leader.Step(_now, LeaderInput.Of(Make.Request(i)), _outbox);
        Assert.Equal((1, 10), (leader.Outstanding, leader.Queued));

        leader.Step(_now, LeaderInput.Of(new LeaderUpdate(View.Initial, true, new(1), new(1), SequenceNumber.Zero, default)), _outbox);
        Assert.Equal((1, 9), (leader.Outstanding, leader.Queued));
        leader.Step(_now, LeaderInput.Of(Make.Request(20)), _outbox);
        Assert.Equal(10, leader.Queued);
    }

    /// <summary>N-7: with proposals in flight requests gather until a batch is full.</summary>
    [Fact]
    public void A_full_batch_is_proposed_while_another_is_in_flight()
    {
        Lead();
        Order(Make.Request(1));
        Order(Make.Request(2));
        Order(Make.Request(3));
        Assert.Empty(Proposals);

        Order(Make.Request(4));

        Assert.Equal([2L, 3L, 4L], Assert.Single(Proposals).Batch.Requests.Select(r => r.Id.Number));
    }

    /// <summary>N-7, LESSONS B22: a request waits for company no longer than BatchDelayMax.</summary>
    [Fact]
    public void A_batch_closes_after_its_delay()
    {
        Lead();
        Order(Make.Request(1));
        Order(Make.Request(2));
        Assert.Equal(_now.Plus(_options.BatchDelayMax), _outbox.Effects.ToArray().Single(e => e.Kind == EffectKind.WakeAt).At);

        _now = _now.Plus(_options.BatchDelayMax);
        Step(LeaderInput.Tick);

        Assert.Single(Proposals);
    }

    /// <summary>N-7: the request that waited longest decides when a batch closes, whoever's turn is next.</summary>
    [Fact]
    public void The_oldest_request_decides_when_a_batch_closes()
    {
        var queue = new RequestQueue();
        queue.Add(Make.Request(1, client: 1), new(10));
        queue.Add(Make.Request(2, client: 1), new(20));
        queue.Add(Make.Request(1, client: 2), new(30));

        Assert.Equal(new Instant(10), ReadySince());
        queue.Take(); // client 1's first; now it is client 2's turn, and client 1's second waits longer
        Assert.Equal(new Instant(20), ReadySince());
        Assert.Equal(2, (int)queue.Take().Id.Client.Value);
        Assert.Equal(new Instant(20), ReadySince());
        queue.Take();
        Assert.Equal((Instant.Never, 0, 0, 0L), (ReadySince(), queue.Count, queue.Ready, queue.ReadyBytes));

        Instant ReadySince()
        {
            queue.Reckon(new(40), areShared: false);
            return queue.ReadySince;
        }
    }

    /// <summary>C-6: clients take turns, one request each; one that was served waits behind the others.</summary>
    [Fact]
    public void The_queue_gives_each_client_its_turn()
    {
        var queue = new RequestQueue();
        for (var client = 1; client <= 3; client++)
        {
            for (var number = 1; number <= 4 - client; number++) queue.Add(Make.Request(number, client: client), new(client));
        }

        List<(int, long)> order = [];
        while (queue.Peek() is { } next)
        {
            var id = queue.Take().Id;
            Assert.Equal(next.Id, id);
            order.Add(((int)id.Client.Value, id.Number));
        }

        Assert.Equal([(1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (1, 3)], order);

        queue.Add(Make.Request(1, client: 1), new(10));
        queue.Reckon(new(10), areShared: true);
        queue.Clear();
        Assert.Equal((null, 0, 0, 0L, Instant.Never), (queue.Peek(), queue.Count, queue.Ready, queue.ReadyBytes, queue.ReadySince));
        queue.Add(Make.Request(2, client: 1), new(20));
        Assert.Equal(2, queue.Take().Id.Number);
        Assert.Null(queue.Peek());
    }

    /// <summary>N-7: no more than Pipeline proposals are outstanding; the next goes out when one is executed.</summary>
    [Fact]
    public void The_pipeline_bounds_what_is_outstanding()
    {
        Lead();
        for (var number = 1; number <= 20; number++) Order(Make.Request(number));
        Assert.Equal(2, _leader.Outstanding);
        _now = _now.Plus(TimeSpan.FromHours(1));
        Step(LeaderInput.Tick);
        Assert.Empty(Proposals);

        Lead(executed: 1);

        Assert.Equal(new(3), Assert.Single(Proposals).Sequence);
    }

    /// <summary>N-2: nothing is proposed beyond h + L.</summary>
    [Fact]
    public void The_window_bounds_what_is_proposed()
    {
        Lead(executed: 0);
        for (var n = 1; n <= 8; n++)
        {
            Order(Make.Request(n));
            Assert.Equal(new(n), Assert.Single(Proposals).Sequence);
            Lead(executed: n);
        }

        Order(Make.Request(9));
        Assert.Empty(Proposals);

        Lead(executed: 8, stable: 4);
        Assert.Equal(new(9), Assert.Single(Proposals).Sequence);
    }

    /// <summary>A request that waits or is proposed is not proposed again; once executed its id is forgotten here.</summary>
    [Fact]
    public void A_repeated_request_is_ordered_once()
    {
        Lead();
        for (var i = 0; i < 1000; i++) Order(Make.Request(1));

        Assert.Equal((1, 0), (_leader.Outstanding, _leader.Queued));
    }

    /// <summary>C-6: clients take turns within and between batches.</summary>
    [Fact]
    public void Clients_take_turns()
    {
        Lead();
        Order(Make.Request(100, client: 9));
        Order(Make.Request(1, client: 1));
        Order(Make.Request(2, client: 1));
        Order(Make.Request(1, client: 2));

        Assert.Equal([(1, 1L), (2, 1L), (1, 2L)], Assert.Single(Proposals).Batch.Requests.Select(r => ((int)r.Id.Client.Value, r.Id.Number)));
    }

    /// <summary>N-1: a batch stays within its bytes, and one request always fits.</summary>
    [Fact]
    public void A_batch_is_bounded_in_bytes()
    {
        var options = _options with { RequestBytesMax = 4096, BatchBytesMax = 4096, BatchMax = 100 };
        var leader = new Leader(new(0), options);
        leader.Step(_now, LeaderInput.Of(new LeaderUpdate(View.Initial, true, new(1), new(0), new(0), default)), _outbox);
        leader.Step(_now, LeaderInput.Of(Make.Request(1)), _outbox);
        _outbox.Clear();
        for (var number = 2; number <= 5; number++)
        {
            leader.Step(_now, LeaderInput.Of(new Request(Make.Id(number), [new byte[1]], new byte[1500])), _outbox);
        }

        Assert.Equal(2, Assert.Single(Proposals).Batch.Requests.Length);
    }

    /// <summary>S-1: proposed times grow even where the clock does not.</summary>
    [Fact]
    public void Proposed_timestamps_grow()
    {
        Lead();
        Order(Make.Request(1));
        var first = Assert.Single(Proposals).Batch.Timestamp;
        Lead(executed: 1);
        _now = new(_now.Microseconds - 5_000_000);

        Order(Make.Request(2));

        Assert.True(Assert.Single(Proposals).Batch.Timestamp > first);
    }

    /// <summary>A new view starts with an empty queue at the number its replica gives; an old view's update changes nothing.</summary>
    [Fact]
    public void A_new_view_starts_afresh()
    {
        Lead();
        Order(Make.Request(1));
        Order(Make.Request(2));

        Step(LeaderInput.Of(new LeaderUpdate(new(4), true, new(17), new(16), new(16), Make.Noon)));
        Assert.Equal((0, 0), (_leader.Queued, _leader.Outstanding));
        Step(LeaderInput.Of(new LeaderUpdate(new(0), true, new(1), new(0), new(0), Make.Noon)));
        Order(Make.Request(2));

        Assert.Equal((new View(4), new SequenceNumber(17)), Proposals.Select(p => (p.View, p.Sequence)).Single());
    }

    /// <summary>A request that was executed may be ordered again: whether it is the same once more, its replica knows.</summary>
    [Fact]
    public void What_was_executed_is_forgotten_here()
    {
        Lead();
        Order(Make.Request(1));
        Lead(executed: 1);
        Order(Make.Request(1));

        Assert.Equal((1, 0), (_leader.Outstanding, _leader.Queued));
    }

    /// <summary>A view that begins again with us as its primary knows nothing of what was outstanding in another.</summary>
    [Fact]
    public void What_was_outstanding_in_an_earlier_view_is_forgotten()
    {
        Lead();
        Order(Make.Request(1));
        Order(Make.Request(2));
        Order(Make.Request(3));
        Order(Make.Request(4));
        Assert.Equal(2, _leader.Outstanding);

        Step(LeaderInput.Of(new LeaderUpdate(new(4), true, new(1), new(0), new(0), Make.Noon)));
        Order(Make.Request(1));

        Assert.Equal((1, 0), (_leader.Outstanding, _leader.Queued));
        Assert.Equal((new View(4), new SequenceNumber(1)), Proposals.Select(static p => (p.View, p.Sequence)).Single());
    }

    /// <summary>N-7: a batch is full at its bytes too, those of the requests' headers included, and not before.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void A_batch_is_full_at_its_bytes(int less, int proposals)
    {
        const int Bytes = 1000;
        var limit = 2 * (BatchEncoding.RequestHeaderBytes + Bytes);
        var leader = new Leader(new(0), _options with { BatchBytesMax = limit, BatchMax = 100 });
        leader.Step(_now, LeaderInput.Of(new LeaderUpdate(View.Initial, true, new(1), new(0), new(0), default)), _outbox);
        leader.Step(_now, LeaderInput.Of(Make.Request(1)), _outbox);
        leader.Step(_now, LeaderInput.Of(new Request(Make.Id(2), [new byte[1]], new byte[Bytes])), _outbox);
        _outbox.Clear();

        leader.Step(_now, LeaderInput.Of(new Request(Make.Id(3), [new byte[1]], new byte[Bytes - less])), _outbox);

        Assert.Equal(proposals, Proposals.Count());
    }

    /// <summary>N-1: as many requests go into a batch as fit to the byte.</summary>
    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    public void A_batch_is_filled_to_the_byte(int less, int requests)
    {
        const int Bytes = 1000;
        var limit = BatchEncoding.HeaderBytes + (2 * (BatchEncoding.RequestHeaderBytes + Bytes)) - less;
        var leader = new Leader(new(0), _options with { BatchBytesMax = limit, BatchMax = 2 });
        leader.Step(_now, LeaderInput.Of(new LeaderUpdate(View.Initial, true, new(1), new(0), new(0), default)), _outbox);
        leader.Step(_now, LeaderInput.Of(Make.Request(1)), _outbox);
        _outbox.Clear();
        foreach (var number in new[] { 2, 3 }) leader.Step(_now, LeaderInput.Of(new Request(Make.Id(number), [new byte[1]], new byte[Bytes])), _outbox);

        Assert.Equal(requests, Assert.Single(Proposals).Batch.Requests.Length);
    }

    /// <summary>N-1: the largest request that is allowed fills a batch by itself, though with its header it is above the batch's bytes.</summary>
    [Fact]
    public void One_request_always_fits()
    {
        var leader = new Leader(new(0), _options with { RequestBytesMax = 4096, BatchBytesMax = 4096 });
        leader.Step(_now, LeaderInput.Of(new LeaderUpdate(View.Initial, true, new(1), new(0), new(0), default)), _outbox);

        leader.Step(_now, LeaderInput.Of(new Request(Make.Id(1), [new byte[1]], new byte[4096])), _outbox);

        Assert.Single(Assert.Single(Proposals).Batch.Requests);
    }

    /// <summary>The host learns what was proposed, and is woken once for a batch that waits.</summary>
    [Fact]
    public void A_proposal_is_reported_and_a_wait_is_said_once()
    {
        Lead();
        Order(Make.Request(1));
        var report = _outbox.Effects.ToArray().Single(static e => e.Kind == EffectKind.Report).Event;
        Assert.Equal((ProtocolEventKind.Proposed, new SequenceNumber(1), 1L), (report.Kind, report.Sequence, report.Amount));

        Order(Make.Request(2));
        Assert.Single(_outbox.Effects.ToArray(), static e => e.Kind == EffectKind.WakeAt);
        Order(Make.Request(2, client: 2));
        Assert.DoesNotContain(_outbox.Effects.ToArray(), static e => e.Kind == EffectKind.WakeAt);
    }

    private void Lead(long executed = 0, long stable = 0) =>
        Step(LeaderInput.Of(new LeaderUpdate(View.Initial, true, new(1), new(executed), new(stable), default)));

    private void Order(Request request) => Step(LeaderInput.Of(request));

    private void Step(in LeaderInput input)
    {
        _outbox.Clear();
        _leader.Step(_now, input, _outbox);
        foreach (var effect in _outbox.Effects)
        {
            if (effect.Kind == EffectKind.WakeAt) _wokenAt = effect.At;
        }
    }
}
