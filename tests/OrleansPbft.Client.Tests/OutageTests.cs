using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>What a client makes of outages and restarts, and what its callers' times and tokens mean.</summary>
public sealed class OutageTests : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ClientUnderTest _test = new(new() { RequestTimeout = 10 * Second }, window: 4);

    /// <summary>C-3: calls that are given up use their numbers up, and a cluster that executed none of them would refuse the next: it gets a new session.</summary>
    [Fact]
    public async Task After_an_outage_in_which_a_whole_window_was_given_up_a_new_session_is_opened()
    {
        var (first, _) = await _test.SubmitFirstAsync();
        Task[] lost = [first, .. await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ => (await _test.SubmitNextAsync()).Task))];
        _test.Time.Advance(11 * Second);
        foreach (var task in lost) await Assert.ThrowsAsync<PbftTimeoutException>(() => task.InTime());
        while (_test.Transport.TryNext(out _)) { }

        var next = _test.Submit();
        await _test.OpenAsync(session: 2);
        var sent = await _test.Transport.NextAsync();

        Assert.Equal((new SessionId(2), 1L), (sent.Request.Session, sent.Request.Number));
        _test.Reply(sent, ReplyStatus.Executed, replicas: [0, 1], session: 2);
        await next.InTime();
    }

    /// <summary>C-3: while one of the window's numbers may still be answered, the next waits for it.</summary>
    [Fact]
    public async Task What_would_be_beyond_the_replicas_window_waits()
    {
        using var cancel = new CancellationTokenSource();
        var (_, _) = await _test.SubmitFirstAsync();
        for (var i = 0; i < 2; i++) _ = _test.Submit(cancel.Token);
        for (var i = 0; i < 2; i++) await _test.Transport.NextAsync();
        var (fourth, sentFourth) = await _test.SubmitNextAsync();
        var fifth = _test.Submit();
        await cancel.CancelAsync();
        Assert.False(_test.Transport.TryNext(out _));

        _test.Reply(sentFourth, ReplyStatus.Executed, replicas: [0, 1]);
        await fourth.InTime();
        Assert.False(_test.Transport.TryNext(out _)); // number 1 holds the window's lower edge
        Assert.False(fifth.IsCompleted);
    }

    /// <summary>C-2, C-3: over a restart of everything, a request keeps its session and its number, and so is executed once.</summary>
    [Fact]
    public async Task A_request_keeps_its_session_and_number_over_every_new_connection()
    {
        var (task, sent) = await _test.SubmitFirstAsync();
        for (var restart = 0; restart < 3; restart++)
        {
            _test.Transport.State = TransportState.Disconnected;
            _test.Time.Advance(Second);
            _test.Transport.Connect();

            var again = await _test.Transport.NextAsync();
            Assert.Equal((sent.Request, "{0,1,2,3}"), (again.Request, again.To.ToString()));
            Assert.True(again.Envelope.Span.SequenceEqual(sent.Envelope.Span));
        }

        _test.Reply(sent, ReplyStatus.Executed, replicas: [2, 3]);
        await task.InTime();
    }

    /// <summary>A call may bring a time of its own.</summary>
    [Fact]
    public async Task A_call_is_given_up_when_its_own_time_is_up()
    {
        var (_, _) = await _test.SubmitFirstAsync();
        var short1 = _test.Client.SubmitAsync(ClientUnderTest.Bytes("op"), 2 * Second, TestContext.Current.CancellationToken);

        _test.Time.Advance(1.9 * Second);
        Assert.False(short1.IsCompleted);
        _test.Time.Advance(0.2 * Second);

        var failure = await Assert.ThrowsAsync<PbftTimeoutException>(() => short1.InTime());
        Assert.Contains("within 2 s", failure.Message, StringComparison.Ordinal);
        Assert.Contains("The outcome is unknown", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.MayHaveExecuted);
    }

    /// <summary>A call that has for ever waits for ever.</summary>
    [Fact]
    public async Task A_call_without_a_limit_is_never_given_up()
    {
        await using var test = new ClientUnderTest(new() { RequestTimeout = Timeout.InfiniteTimeSpan });
        var (task, sent) = await test.SubmitFirstAsync();
        var own = test.Client.SubmitAsync(ClientUnderTest.Bytes("op"), Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken);
        var sentOwn = await test.Transport.NextAsync();

        test.Time.Advance(TimeSpan.FromHours(2));
        Assert.False(task.IsCompleted || own.IsCompleted);

        test.Reply(sent, ReplyStatus.Executed, replicas: [0, 1]);
        test.Reply(sentOwn, ReplyStatus.Executed, replicas: [0, 1]);
        await Task.WhenAll(task, own).InTime();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public async Task A_time_that_is_none_is_refused(int seconds)
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => _test.Client.SubmitAsync(ClientUnderTest.Bytes("op"), seconds * Second, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => _test.Client.QueryAsync(ClientUnderTest.Bytes("op"), seconds * Second, TestContext.Current.CancellationToken));
        Assert.False(_test.Client.IsWaiting);
    }

    /// <summary>C-7: a read that is ordered in the end has a limit all the same.</summary>
    [Fact]
    public async Task A_read_that_is_ordered_in_the_end_is_given_up_in_time()
    {
        var task = _test.Client.QueryAsync(ClientUnderTest.Bytes("get"), 2 * Second, TestContext.Current.CancellationToken);
        Assert.True((await _test.Transport.NextAsync()).IsRead);

        // When it goes on to be ordered is the thread pool's affair, so the clock moves until it has ended.
        while (!task.IsCompleted)
        {
            _test.Time.Advance(0.1 * Second);
            await Task.Yield();
        }

        await Assert.ThrowsAsync<PbftTimeoutException>(() => task);
    }

    /// <summary>C-6: a busy primary is asked again alone: nobody else need know.</summary>
    [Fact]
    public async Task A_busy_primary_is_asked_again_alone()
    {
        var (_, sent) = await _test.SubmitFirstAsync();

        _test.Reply(sent, ReplyStatus.Busy, replicas: [0], RetryHint.Encode(TimeSpan.FromMilliseconds(50)));
        _test.Time.Advance(TimeSpan.FromMilliseconds(50));

        var again = await _test.Transport.NextAsync();
        Assert.Equal((sent.Request, "{0}"), (again.Request, again.To.ToString()));
    }

    /// <summary>C-6: and so for the request that opens the session.</summary>
    [Fact]
    public async Task An_opening_that_is_refused_goes_to_the_primary_again()
    {
        _ = _test.Submit();
        var open = await _test.Transport.NextAsync();

        _test.Reply(open, ReplyStatus.Busy, replicas: [0], RetryHint.Encode(TimeSpan.FromMilliseconds(50)));
        _test.Time.Advance(TimeSpan.FromMilliseconds(50));

        var again = await _test.Transport.NextAsync();
        Assert.Equal((open.Request, "{0}"), (again.Request, again.To.ToString()));
    }

    /// <summary>C-6: a primary that was busy to the end is the reason, with its advice and the plain word that the outcome is unknown.</summary>
    [Fact]
    public async Task A_primary_that_stays_busy_is_reported_as_busy()
    {
        await using var test = new ClientUnderTest(new() { RequestTimeout = Second });
        var (task, sent) = await test.SubmitFirstAsync();

        test.Reply(sent, ReplyStatus.Busy, replicas: [0], RetryHint.Encode(TimeSpan.FromMilliseconds(750)));
        test.Time.Advance(Second);

        var failure = await Assert.ThrowsAsync<PbftBusyException>(() => task.InTime());
        Assert.Equal((TimeSpan.FromMilliseconds(750), true), (failure.RetryAfter, failure.MayHaveExecuted));
        Assert.Contains("The outcome is unknown", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Disposing ends every call, and no other is taken.</summary>
    [Fact]
    public async Task Disposing_ends_every_call()
    {
        var (sent, _) = await _test.SubmitFirstAsync();
        for (var i = 0; i < 3; i++) _ = await _test.SubmitNextAsync();
        var waits = _test.Submit();
        var (read, _) = await _test.QueryAsync();

        await _test.Client.DisposeAsync();

        Assert.True((await Assert.ThrowsAsync<PbftConnectionException>(() => sent.InTime())).MayHaveExecuted);
        Assert.False((await Assert.ThrowsAsync<PbftConnectionException>(() => waits.InTime())).MayHaveExecuted);
        await Assert.ThrowsAsync<PbftConnectionException>(() => read.InTime());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _test.Submit());
        Assert.Equal(0, _test.Transport.Receivers);
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();
}
