namespace OrleansPbft.Core.Tests;

/// <summary>C-5, C-6: the requests that wait at a replica are bounded, shared fairly, and each has its time.</summary>
public sealed class PendingRequestsTests
{
    private static readonly ProtocolOptions Options = new() { Cluster = new(4), PendingMax = 16, RequestTimeout = TimeSpan.FromSeconds(2) };
    private static readonly int Size = Make.Request(1).Envelope.Length; // of each request here

    private Instant _now = Make.Noon;

    /// <summary>A client may have as many places as are still free: half of all where it is alone, and less beside others.</summary>
    [Fact]
    public void No_client_gets_more_than_what_is_free()
    {
        var pending = Filled((Client: 1, Requests: 7));
        Assert.True(Admits(pending, 1));

        Add(pending, 1, 8);
        Assert.False(Admits(pending, 1)); // eight of eight
        Assert.True(Admits(pending, 2));
        for (var number = 1; number <= 3; number++) Add(pending, 2, number);
        Assert.True(Admits(pending, 2)); // three of five
        Add(pending, 2, 4);
        Assert.False(Admits(pending, 2)); // four of four
        Add(pending, 3, 1);
        Assert.True(Admits(pending, 3)); // one of three
        Add(pending, 3, 2);
        Assert.False(Admits(pending, 3));
        Assert.True(Admits(pending, 4)); // the first of one more
    }

    /// <summary>A session may have as many as its client may still have; the first of one more has a place as long as the client has.</summary>
    [Fact]
    public void No_session_gets_more_than_what_its_client_may_still_have()
    {
        var pending = new PendingRequests(Options);
        for (var number = 1; number <= 5; number++) AddTo(pending, session: 1, number);
        Assert.True(pending.Admits(Make.Id(9, session: 1), Size)); // five of eleven less five
        AddTo(pending, session: 1, 6);
        Assert.False(pending.Admits(Make.Id(9, session: 1), Size)); // six of ten less six
        Assert.True(pending.Admits(Make.Id(9, session: 2), Size));
        AddTo(pending, session: 2, 1);
        Assert.True(pending.Admits(Make.Id(9, session: 2), Size)); // one of nine less seven
        AddTo(pending, session: 3, 1);
        Assert.False(pending.Admits(Make.Id(9, session: 4), Size)); // the client has eight of eight

        for (var number = 1; number <= 6; number++) pending.Remove(Make.Id(number));
        Assert.True(pending.Admits(Make.Id(9, session: 1), Size)); // nothing of it waits any more
    }

    [Fact]
    public void No_more_than_all_the_places_are_taken()
    {
        var pending = Filled([.. Enumerable.Range(1, 15).Select(static client => (client, 1))]);
        Assert.True(Admits(pending, 99)); // at least one each
        Add(pending, 16, 1);

        Assert.Equal(16, pending.Count);
        Assert.False(Admits(pending, 99));
    }

    /// <summary>Bytes have a bound of their own, which may be reached exactly, and are shared as places are.</summary>
    [Fact]
    public void Bytes_are_bounded_and_shared_too()
    {
        var shared = Filled(Options with { PendingBytesMax = 6 * Size }, (Client: 1, Requests: 3), (Client: 2, Requests: 1));
        Assert.False(Admits(shared, 1)); // it would have four of two
        Assert.True(Admits(shared, 2)); // two of two
        var less = Filled(Options with { PendingBytesMax = (6 * Size) - 1 }, (Client: 1, Requests: 3), (Client: 2, Requests: 1));
        Assert.False(Admits(less, 2)); // a byte less

        Add(shared, 3, 1);
        Assert.True(Admits(shared, 5)); // to the last byte
        Assert.False(Admits(shared, 5, Size + 1));
    }

    /// <summary>What is taken out makes room for its client, for the others, and in bytes.</summary>
    [Fact]
    public void What_is_taken_out_no_longer_counts()
    {
        var mine = Filled((Client: 1, Requests: 8), (Client: 2, Requests: 2));
        mine.Remove(IdOf(1, 1));
        Assert.False(Admits(mine, 1)); // seven of seven
        mine.Remove(IdOf(1, 2));
        Assert.True(Admits(mine, 1));

        var others = Filled((Client: 1, Requests: 5), (Client: 2, Requests: 6));
        Assert.False(Admits(others, 2)); // six of five
        others.Remove(IdOf(1, 1));
        Assert.False(Admits(others, 2));
        others.Remove(IdOf(1, 2));
        Assert.True(Admits(others, 2));

        var bytes = Filled(Options with { PendingBytesMax = 2 * Size }, (Client: 1, Requests: 2));
        Assert.False(Admits(bytes, 2));
        bytes.Remove(IdOf(1, 1));
        bytes.Remove(IdOf(1, 1)); // no more than once
        Assert.True(Admits(bytes, 2));
        Assert.Equal(1, bytes.Count);
    }

    /// <summary>VC-10: clients wait for their turns from their first request on, and from each turn on again; who has nothing waiting waits for none.</summary>
    [Fact]
    public void The_client_that_waits_longest_for_its_turn_is_known()
    {
        var pending = new PendingRequests(Options);
        Propose(pending, 9);
        Assert.Equal(Instant.Never, pending.UnservedSince);
        Add(pending, 1, 1);
        At(1);
        Add(pending, 2, 1);
        At(2);
        Add(pending, 1, 2);
        Propose(pending, Options.Pipeline);
        Assert.Equal(Instant.Never, pending.UnservedSince); // all that may have been made before the primary heard of it
        Propose(pending, 1);
        Assert.Equal(0.0, Seconds(pending.UnservedSince));

        At(3);
        pending.Serve(Make.Client(1), _now);
        pending.Serve(Make.Client(7), _now); // of whom nothing waits
        Assert.Equal(1.0, Seconds(pending.UnservedSince));
        pending.Remove(IdOf(2, 1));
        Assert.Equal(Instant.Never, pending.UnservedSince);
        Propose(pending, Options.Pipeline + 1);
        Assert.Equal(3.0, Seconds(pending.UnservedSince));
        pending.Pause();
        Assert.Equal(Instant.Never, pending.UnservedSince);
        At(9);
        pending.Restart(_now, TimeSpan.FromSeconds(1), idle: 0);
        Assert.Equal(Instant.Never, pending.UnservedSince);
        Propose(pending, Options.Pipeline + 1);
        Assert.Equal(9.0, Seconds(pending.UnservedSince));
    }

    /// <summary>VC-10: with more clients than a batch holds, a turn may come a few proposals later.</summary>
    [Fact]
    public void More_clients_than_a_batch_holds_wait_for_more_proposals()
    {
        var pending = new PendingRequests(Options with { BatchMax = 2 });
        for (var client = 1; client <= 6; client++) Add(pending, client, 1);

        Propose(pending, Options.Pipeline + 3);
        Assert.Equal(Instant.Never, pending.UnservedSince);
        Propose(pending, 1);
        Assert.Equal(0.0, Seconds(pending.UnservedSince));
    }

    /// <summary>What is known of a request's patience starts afresh with each view.</summary>
    [Fact]
    public void A_new_view_forgets_how_long_and_how_often_a_request_waited()
    {
        var pending = new PendingRequests(Options);
        pending.Add(new(IdOf(1, 1), [], new byte[Size]), _now, idle: 3);
        At(2);
        var first = pending.FindExpired(_now)!;
        Assert.Equal((0, 3L, Make.Noon), (first.Expiries, first.IdleBefore, first.Started));
        pending.StartAgain(first, _now);
        Assert.Equal((1, 3L, _now, Make.Noon), (first.Expiries, first.IdleBefore, first.Started, first.Since));

        At(5);
        pending.Restart(_now, TimeSpan.FromSeconds(2), idle: 8);
        Assert.Equal((0, 8L, _now, _now), (first.Expiries, first.IdleBefore, first.Started, first.Since));
    }

    /// <summary>C-5: a timer expires at its time, not before, and then starts again behind the others.</summary>
    [Fact]
    public void A_timer_expires_at_its_time_and_starts_again()
    {
        var pending = Filled((Client: 1, Requests: 1));
        At(0.5);
        Add(pending, 1, 2);
        Assert.Equal(2.0, Seconds(pending.NextDue));

        At(1.9);
        Assert.Null(TakeExpired(pending));
        At(2);
        Assert.Equal(1, TakeExpired(pending)!.Request.Id.Number);
        Assert.Null(TakeExpired(pending));
        Assert.Equal((2.5, 0.5), (Seconds(pending.NextDue), Seconds(pending.Oldest!.Since)));
        At(10);
        Assert.Equal(2, TakeExpired(pending)!.Request.Id.Number);
        Assert.Equal(1, TakeExpired(pending)!.Request.Id.Number);
        Assert.Equal(12.0, Seconds(pending.NextDue));
    }

    /// <summary>VC-6: no timer runs between two views; in the next all run afresh.</summary>
    [Fact]
    public void Timers_stop_between_views_and_start_afresh()
    {
        var pending = Filled((Client: 1, Requests: 2));
        pending.Pause();
        At(100);
        Assert.Null(TakeExpired(pending));
        Assert.Equal((Instant.Never, null), (pending.NextDue, pending.Oldest));

        pending.Restart(_now, TimeSpan.FromSeconds(8), idle: 0);
        Assert.Equal((108.0, 100.0), (Seconds(pending.NextDue), Seconds(pending.Oldest!.Since)));
        At(108);
        Assert.NotNull(TakeExpired(pending));
        Assert.NotNull(TakeExpired(pending));
        Assert.Equal(116.0, Seconds(pending.NextDue));
    }

    /// <summary>A view that works lets no timer run longer than usual; it gives none more time.</summary>
    [Fact]
    public void Relaxing_shortens_timers_and_never_lengthens_them()
    {
        var pending = Filled((Client: 1, Requests: 2));
        pending.Restart(_now, TimeSpan.FromSeconds(8), idle: 0);
        At(3);
        Add(pending, 1, 3); // due at 11

        At(4);
        pending.Relax(_now, TimeSpan.FromSeconds(5));
        Assert.Equal(8.0, Seconds(pending.NextDue));
        At(8);
        Assert.Equal([1, 2], new[] { TakeExpired(pending)!, TakeExpired(pending)! }.Select(static p => p.Request.Id.Number));
        Assert.Null(TakeExpired(pending));
        At(9);
        Assert.Equal(3, TakeExpired(pending)!.Request.Id.Number);

        pending.Relax(_now, TimeSpan.FromSeconds(50));
        Add(pending, 1, 4);
        pending.Remove(IdOf(1, 1));
        pending.Remove(IdOf(1, 2));
        pending.Remove(IdOf(1, 3));
        Assert.Equal(14.0, Seconds(pending.NextDue));
        Assert.Equal(4, pending.FindExpired(pending.NextDue)!.Request.Id.Number);
    }

    [Fact]
    public void No_more_are_copied_than_asked_for()
    {
        var pending = Filled((Client: 1, Requests: 5));
        var requests = new List<Request>();

        pending.CopyTo(requests, 3);
        Assert.Equal([1L, 2L, 3L], requests.Select(static request => request.Id.Number));
        pending.CopyTo(requests, 3);
        Assert.Equal(3, requests.Count);
        pending.Remove(IdOf(1, 3));
        requests.Clear();
        pending.CopyTo(requests, 100);
        Assert.Equal([1L, 2L, 4L, 5L], requests.Select(static request => request.Id.Number));
    }

    private PendingRequests Filled(params (int Client, int Requests)[] waiting) => Filled(Options, waiting);

    private PendingRequests Filled(ProtocolOptions options, params (int Client, int Requests)[] waiting)
    {
        var pending = new PendingRequests(options);
        foreach (var (client, requests) in waiting)
        {
            for (var number = 1; number <= requests; number++) Add(pending, client, number);
        }

        return pending;
    }

    /// <summary>Each in a session of its own, so that it is the client that counts.</summary>
    private static RequestId IdOf(int client, int number) => Make.Id(number, session: number, client);

    private static bool Admits(PendingRequests pending, int client, int? size = null) => pending.Admits(IdOf(client, number: 1000), size ?? Size);

    private void Add(PendingRequests pending, int client, int number)
    {
        var request = new Request(IdOf(client, number), [], new byte[Size]);
        pending.Add(request, _now, idle: 0);
        Assert.True(pending.Contains(request.Id));
    }

    private void AddTo(PendingRequests pending, long session, int number) =>
        pending.Add(new(Make.Id(number, session), [], new byte[Size]), _now, idle: 0);

    private static void Propose(PendingRequests pending, int batches)
    {
        for (var i = 0; i < batches; i++) pending.CountProposal();
    }

    private PendingRequest? TakeExpired(PendingRequests pending)
    {
        if (pending.FindExpired(_now) is not { } expired) return null;
        pending.StartAgain(expired, _now);
        return expired;
    }

    private void At(double seconds) => _now = Make.Noon.Plus(TimeSpan.FromSeconds(seconds));

    private static double Seconds(Instant at) => at.Since(Make.Noon).TotalSeconds;
}
