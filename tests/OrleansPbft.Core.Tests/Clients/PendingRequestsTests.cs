namespace OrleansPbft.Core.Tests;

/// <summary>C-5, C-6: the requests that wait at a replica are bounded, shared fairly, and each has its time.</summary>
public sealed class PendingRequestsTests
{
    private static readonly ProtocolOptions Options = new() { Cluster = new(4), PendingMax = 16, RequestTimeout = TimeSpan.FromSeconds(2) };
    private static readonly int Size = Make.Request(1).Envelope.Length; // of each request here

    private Instant _now = Make.Noon;

    /// <summary>Half of the places go to who comes first; of the others no client takes more than its share of that half.</summary>
    [Fact]
    public void From_half_on_no_client_gets_more_than_an_equal_share()
    {
        var pending = Filled((Client: 1, Requests: 7));
        Assert.True(pending.Admits(Make.Client(1), Size));

        Add(pending, 1, 8);
        Assert.False(pending.Admits(Make.Client(1), Size)); // eight of eight
        Assert.True(pending.Admits(Make.Client(2), Size));
        for (var number = 1; number <= 3; number++) Add(pending, 2, number);
        Assert.True(pending.Admits(Make.Client(2), Size)); // three of four
        Add(pending, 2, 4);
        Assert.False(pending.Admits(Make.Client(2), Size));
        Add(pending, 3, 1);
        Assert.True(pending.Admits(Make.Client(3), Size)); // one of two
        Add(pending, 3, 2);
        Assert.False(pending.Admits(Make.Client(3), Size));
    }

    /// <summary>The share is of those that wait and of who asks, counted once.</summary>
    [Fact]
    public void Who_asks_is_counted_once()
    {
        var pending = Filled((Client: 1, Requests: 5), (Client: 2, Requests: 3));

        Assert.True(pending.Admits(Make.Client(2), Size)); // three of 8 / 2; not of 8 / 3
        Assert.True(Filled((Client: 1, Requests: 9)).Admits(Make.Client(2), Size));
        Assert.False(Filled((1, 2), (2, 2), (3, 2), (4, 2)).Admits(Make.Client(1), Size)); // two of 8 / 4
    }

    [Fact]
    public void No_more_than_all_the_places_are_taken()
    {
        var pending = Filled([.. Enumerable.Range(1, 15).Select(static client => (client, 1))]);
        Assert.True(pending.Admits(Make.Client(99), Size)); // at least one each
        Add(pending, 16, 1);

        Assert.Equal(16, pending.Count);
        Assert.False(pending.Admits(Make.Client(99), Size));
    }

    /// <summary>Bytes have a bound of their own, which may be reached exactly, and half of it begins the sharing as half of the places does.</summary>
    [Fact]
    public void Bytes_are_bounded_and_shared_too()
    {
        var shared = Filled(Options with { PendingBytesMax = 6 * Size, PendingMax = 10 }, (Client: 1, Requests: 2), (Client: 2, Requests: 1));
        Assert.False(shared.Admits(Make.Client(1), Size)); // two of 5 / 2, at half of the bytes
        Assert.True(shared.Admits(Make.Client(2), Size));
        var free = Filled(Options with { PendingBytesMax = (6 * Size) + 2, PendingMax = 10 }, (Client: 1, Requests: 2), (Client: 2, Requests: 1));
        Assert.True(free.Admits(Make.Client(1), Size)); // a byte below half

        Add(shared, 3, 1);
        Add(shared, 4, 1);
        Assert.True(shared.Admits(Make.Client(5), Size)); // to the last byte
        Assert.False(shared.Admits(Make.Client(5), Size + 1));
    }

    /// <summary>What is taken out makes room for its client, for the others, and in bytes.</summary>
    [Fact]
    public void What_is_taken_out_no_longer_counts()
    {
        var mine = Filled((Client: 1, Requests: 6), (Client: 2, Requests: 4), (Client: 3, Requests: 4));
        for (var number = 1; number <= 4; number++) mine.Remove(Make.Id(number));
        Assert.False(mine.Admits(Make.Client(1), Size)); // two of 8 / 3
        mine.Remove(Make.Id(5));
        Assert.True(mine.Admits(Make.Client(1), Size));

        var others = Filled(Options with { PendingMax = 24 }, (Client: 1, Requests: 1), (Client: 2, Requests: 5), (Client: 3, Requests: 8));
        Assert.False(others.Admits(Make.Client(2), Size)); // five of 12 / 3
        others.Remove(Make.Id(1));
        Assert.True(others.Admits(Make.Client(2), Size)); // five of 12 / 2

        var bytes = Filled(Options with { PendingBytesMax = 2 * Size }, (Client: 1, Requests: 2));
        Assert.False(bytes.Admits(Make.Client(2), Size));
        bytes.Remove(Make.Id(1));
        bytes.Remove(Make.Id(1)); // no more than once
        Assert.True(bytes.Admits(Make.Client(2), Size));
        Assert.Equal(1, bytes.Count);
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
        Assert.Null(pending.TakeExpired(_now));
        At(2);
        Assert.Equal(1, pending.TakeExpired(_now)!.Request.Id.Number);
        Assert.Null(pending.TakeExpired(_now));
        Assert.Equal((2.5, 0.5), (Seconds(pending.NextDue), Seconds(pending.OldestSince)));
        At(10);
        Assert.Equal(2, pending.TakeExpired(_now)!.Request.Id.Number);
        Assert.Equal(1, pending.TakeExpired(_now)!.Request.Id.Number);
        Assert.Equal(12.0, Seconds(pending.NextDue));
    }

    /// <summary>VC-6: no timer runs between two views; in the next all run afresh.</summary>
    [Fact]
    public void Timers_stop_between_views_and_start_afresh()
    {
        var pending = Filled((Client: 1, Requests: 2));
        pending.Pause();
        At(100);
        Assert.Null(pending.TakeExpired(_now));
        Assert.Equal((Instant.Never, Instant.Never), (pending.NextDue, pending.OldestSince));

        pending.Restart(_now, TimeSpan.FromSeconds(8));
        Assert.Equal((108.0, 100.0), (Seconds(pending.NextDue), Seconds(pending.OldestSince)));
        At(108);
        Assert.NotNull(pending.TakeExpired(_now));
        Assert.NotNull(pending.TakeExpired(_now));
        Assert.Equal(116.0, Seconds(pending.NextDue));
    }

    /// <summary>A view that works lets no timer run longer than usual; it gives none more time.</summary>
    [Fact]
    public void Relaxing_shortens_timers_and_never_lengthens_them()
    {
        var pending = Filled((Client: 1, Requests: 2));
        pending.Restart(_now, TimeSpan.FromSeconds(8));
        At(3);
        Add(pending, 1, 3); // due at 11

        At(4);
        pending.Relax(_now, TimeSpan.FromSeconds(5));
        Assert.Equal(8.0, Seconds(pending.NextDue));
        At(8);
        Assert.Equal([1, 2], new[] { pending.TakeExpired(_now)!, pending.TakeExpired(_now)! }.Select(static p => p.Request.Id.Number));
        Assert.Null(pending.TakeExpired(_now));
        At(9);
        Assert.Equal(3, pending.TakeExpired(_now)!.Request.Id.Number);

        pending.Relax(_now, TimeSpan.FromSeconds(50));
        Add(pending, 1, 4);
        pending.Remove(Make.Id(1));
        pending.Remove(Make.Id(2));
        pending.Remove(Make.Id(3));
        Assert.Equal(14.0, Seconds(pending.NextDue));
        Assert.Equal(4, pending.TakeExpired(pending.NextDue)!.Request.Id.Number);
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
        pending.Remove(Make.Id(3));
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

    private void Add(PendingRequests pending, int client, int number)
    {
        var request = new Request(Make.Id(number, client: client), [], new byte[Size]);
        pending.Add(request, _now);
        Assert.True(pending.Contains(request.Id));
    }

    private void At(double seconds) => _now = Make.Noon.Plus(TimeSpan.FromSeconds(seconds));

    private static double Seconds(Instant at) => at.Since(Make.Noon).TotalSeconds;
}
