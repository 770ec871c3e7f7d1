using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>Windows, lost sessions, lost connections: rules C-2, C-3 from the client's side.</summary>
public sealed class SessionTests : IAsyncDisposable
{
    private readonly ClientUnderTest _test = new();

    /// <summary>C-3: at most W requests are in flight; more wait their turn, first come, first served.</summary>
    [Fact]
    public async Task Requests_beyond_the_window_wait_for_their_turn()
    {
        var (first, sentFirst) = await _test.SubmitFirstAsync();
        for (var i = 0; i < 3; i++) await _test.SubmitNextAsync();
        var fifth = _test.Submit("fifth");
        var sixth = _test.Submit("sixth");
        Assert.False(_test.Transport.TryNext(out _));

        _test.Reply(sentFirst, ReplyStatus.Executed, replicas: [0, 1]);

        await first.InTime();
        var sent = await _test.Transport.NextAsync();
        Assert.Equal(5, sent.Request.Number);
        Assert.True(sent.Envelope.Span.IndexOf("fifth"u8) >= 0);
        _test.Reply(sent, ReplyStatus.Executed, replicas: [0, 1]);
        await fifth.InTime();
        Assert.False(sixth.IsCompleted); // number 2 holds the window's lower edge
    }

    /// <summary>A request that never got its turn was not executed, and the failure says so.</summary>
    [Fact]
    public async Task A_request_that_never_got_its_turn_was_not_executed()
    {
        await _test.SubmitFirstAsync();
        for (var i = 0; i < 3; i++) await _test.SubmitNextAsync();
        var waits = _test.Submit();

        _test.Time.Advance(TimeSpan.FromSeconds(10));

        var failure = await Assert.ThrowsAsync<PbftTimeoutException>(() => waits.InTime());
        Assert.False(failure.MayHaveExecuted);
    }

    /// <summary>The queue is bounded: one more is refused at once, and was not executed.</summary>
    [Fact]
    public async Task More_requests_than_may_wait_are_refused_at_once()
    {
        await using var test = new ClientUnderTest(new() { WaitingMax = 2 });
        var waiting = new[] { test.Submit(), test.Submit() };

        var failure = await Assert.ThrowsAsync<PbftBusyException>(() => test.Submit());

        Assert.False(failure.MayHaveExecuted);
        await test.OpenAsync();
        foreach (var task in waiting)
        {
            test.Reply(await test.Transport.NextAsync(), ReplyStatus.Executed, replicas: [0, 1]);
        }

        await Task.WhenAll(waiting).InTime();
    }

    /// <summary>C-2: the request's fate is unknown, the next one gets a new session, and what else was in flight may still be answered.</summary>
    [Theory]
    [InlineData(ReplyStatus.SessionUnknown)]
    [InlineData(ReplyStatus.BelowWindow)]
    [InlineData(ReplyStatus.AboveWindow)]
    public async Task A_lost_session_fails_its_request_and_a_new_one_is_opened_for_the_next(ReplyStatus status)
    {
        var (lost, sentLost) = await _test.SubmitFirstAsync();
        var (other, sentOther) = await _test.SubmitNextAsync();

        _test.Reply(sentLost, status, replicas: [1, 2], sequence: 0);

        var failure = await Assert.ThrowsAsync<PbftSessionLostException>(() => lost.InTime());
        Assert.Equal((status, true), (failure.Status, failure.MayHaveExecuted));
        var next = _test.Submit();
        await _test.OpenAsync(session: 2);
        var sentNext = await _test.Transport.NextAsync();
        Assert.Equal((new SessionId(2), 1L), (sentNext.Request.Session, sentNext.Request.Number));
        _test.Reply(sentOther, ReplyStatus.Executed, replicas: [0, 3]);
        _test.Reply(sentNext, ReplyStatus.Executed, replicas: [0, 3]);
        await Task.WhenAll(other, next).InTime();
    }

    /// <summary>C-2: f replicas can not take a session away.</summary>
    [Fact]
    public async Task One_replica_that_denies_the_session_is_not_believed()
    {
        var (task, sent) = await _test.SubmitFirstAsync();

        _test.Reply(sent, ReplyStatus.SessionUnknown, replicas: [3], sequence: 0);
        Assert.False(task.IsCompleted);
        _test.Reply(sent, ReplyStatus.Executed, replicas: [0, 1]);

        await task.InTime();
    }

    /// <summary>C-3: executed, but the results are gone: said as it is.</summary>
    [Fact]
    public async Task A_dropped_result_is_reported_as_executed()
    {
        var (task, sent) = await _test.SubmitFirstAsync();

        _test.Reply(sent, ReplyStatus.ResultDropped, replicas: [0, 2], sequence: 12);

        var failure = await Assert.ThrowsAsync<PbftResultDroppedException>(() => task.InTime());
        Assert.Equal((new SequenceNumber(12), true), (failure.Sequence, failure.MayHaveExecuted));
    }

    /// <summary>C-2: the cluster evicts what is idle longest, so a client does not rely on a session it has not used for long.</summary>
    [Fact]
    public async Task After_a_long_pause_a_new_session_is_opened()
    {
        var (first, sent) = await _test.SubmitFirstAsync();
        _test.Reply(sent, ReplyStatus.Executed, replicas: [0, 1]);
        await first.InTime();

        _test.Time.Advance(TimeSpan.FromSeconds(59));
        var (second, sentSecond) = await _test.SubmitNextAsync();
        Assert.Equal(new SessionId(1), sentSecond.Request.Session);
        _test.Reply(sentSecond, ReplyStatus.Executed, replicas: [0, 1]);
        await second.InTime();

        _test.Time.Advance(TimeSpan.FromSeconds(61));
        _ = _test.Submit();
        await _test.OpenAsync(session: 2);
        Assert.Equal(new SessionId(2), (await _test.Transport.NextAsync()).Request.Session);
    }

    /// <summary>What was sent over a connection that is gone is asked of all replicas over the next.</summary>
    [Fact]
    public async Task After_a_new_connection_everything_in_flight_is_sent_again_to_all()
    {
        var (first, sentFirst) = await _test.SubmitFirstAsync();
        var (second, sentSecond) = await _test.SubmitNextAsync();
        _test.Transport.State = TransportState.Disconnected;

        _test.Transport.Connect();

        var again = new[] { await _test.Transport.NextAsync(), await _test.Transport.NextAsync() };
        Assert.All(again, sent => Assert.Equal("{0,1,2,3}", sent.To.ToString()));
        Assert.Equal([sentFirst.Request, sentSecond.Request], again.Select(static sent => sent.Request).OrderBy(static id => id.Number));
        foreach (var sent in again) _test.Reply(sent, ReplyStatus.Executed, replicas: [2, 3]);
        await Task.WhenAll(first, second).InTime();
    }

    /// <summary>A request submitted before there is a connection goes to the primary alone once there is.</summary>
    [Fact]
    public async Task What_was_never_sent_goes_where_it_should_once_there_is_a_connection()
    {
        var (first, sent) = await _test.SubmitFirstAsync();
        _test.Reply(sent, ReplyStatus.Executed, replicas: [0, 1]);
        await first.InTime();
        _test.Transport.State = TransportState.Disconnected;
        _ = _test.Submit();

        _test.Transport.Connect();

        Assert.Equal("{0}", (await _test.Transport.NextAsync()).To.ToString());
    }

    /// <summary>A cluster that is gone for good fails what waits for it, and whatever comes after, at once.</summary>
    [Fact]
    public async Task A_connection_closed_for_good_fails_all_requests()
    {
        var (inFlight, _) = await _test.SubmitFirstAsync();

        _test.Transport.Close("another cluster");

        var sent = await Assert.ThrowsAsync<PbftConnectionException>(() => inFlight.InTime());
        var unsent = await Assert.ThrowsAsync<PbftConnectionException>(() => _test.Submit());
        Assert.Equal(("another cluster", true, false), (sent.Message, sent.MayHaveExecuted, unsent.MayHaveExecuted));
    }

    /// <summary>Rule C-1: a client that is told that it is not listed does not wait for its time-out. It may be listed later, and asks again then.</summary>
    [Fact]
    public async Task A_client_that_is_not_listed_fails_at_once_and_may_ask_again()
    {
        var (inFlight, _) = await _test.SubmitFirstAsync();
        var read = _test.Client.QueryAsync("get"u8.ToArray(), TestContext.Current.CancellationToken);
        await _test.Transport.NextAsync();

        _test.Transport.SayNotListed();

        var failure = await Assert.ThrowsAsync<PbftNotListedException>(() => inFlight.InTime());
        await Assert.ThrowsAsync<PbftNotListedException>(() => read.InTime());
        Assert.Equal(("not-listed", true), (failure.Code, failure.MayHaveExecuted));
        Assert.Contains(_test.Client.Id.ToString(), failure.Message, StringComparison.Ordinal);
        _ = _test.Submit();
        Assert.Equal("{0}", (await _test.Transport.NextAsync()).To.ToString());
    }

    /// <summary>Disposing ends what is in flight and lets go of the transport.</summary>
    [Fact]
    public async Task A_disposed_client_fails_its_requests_and_takes_no_more()
    {
        var (task, _) = await _test.SubmitFirstAsync();

        await _test.Client.DisposeAsync();

        await Assert.ThrowsAsync<PbftConnectionException>(() => task.InTime());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _test.Submit());
        Assert.Equal(0, _test.Transport.Receivers);
    }

    /// <summary>Thousands of callers share one client: each is answered with its own operation's result, once.</summary>
    [Fact]
    public async Task A_thousand_concurrent_requests_are_all_answered()
    {
        await using var test = new ClientUnderTest(window: 64);
        var executed = new System.Collections.Concurrent.ConcurrentDictionary<RequestId, int>();
        test.Transport.Answer = sent =>
        {
            executed.AddOrUpdate(sent.Request, 1, static (_, times) => times + 1);
            var isOpening = sent.Request.Session == SessionId.None;
            return new[] { 1, 2, 3 }.Select(i => test.Replicas.Seal(
                i,
                sent.Request,
                isOpening ? ReplyStatus.SessionOpened : ReplyStatus.Executed,
                isOpening ? null : SealedReplicas.Results($"{sent.Request.Number}")));
        };

        var tasks = Enumerable.Range(0, 1000).Select(i => Task.Run(() => test.Submit($"op {i}"))).ToArray();
        var outcomes = await Task.WhenAll(tasks).InTime();

        Assert.Equal(Enumerable.Range(1, 1000), outcomes.Select(ClientUnderTest.Text).Select(int.Parse).Order());
        Assert.Equal(1001, executed.Count);
        Assert.All(executed.Values, static times => Assert.Equal(1, times));
        Assert.False(test.Client.IsWaiting);
    }

    /// <summary>N-1: what no replica would take is refused before it is signed.</summary>
    [Fact]
    public async Task A_bundle_beyond_the_limits_is_refused_at_once()
    {
        var nine = Enumerable.Repeat(new ReadOnlyMemory<byte>([1]), 9).ToArray();

        await Assert.ThrowsAsync<ArgumentException>(() => _test.Client.SubmitAsync([], TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(() => _test.Client.SubmitAsync(nine, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(() => _test.Client.SubmitAsync(new byte[4096], TestContext.Current.CancellationToken));

        Assert.False(_test.Client.IsWaiting);
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();
}
