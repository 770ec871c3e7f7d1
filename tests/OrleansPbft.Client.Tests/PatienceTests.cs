using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>How long a client waits, for what, and what it says when it gives up.</summary>
public sealed class PatienceTests : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ClientUnderTest _test = new();

    /// <summary>C-4: to all replicas after a wait that doubles to a cap.</summary>
    [Fact]
    public async Task What_is_not_answered_goes_to_all_replicas_after_waits_that_double()
    {
        await using var test = new ClientUnderTest(new()
        {
            RequestTimeout = TimeSpan.FromMinutes(1),
            RetransmitAfter = Second,
            RetransmitAfterMax = 4 * Second,
        });
        var (_, first) = await test.SubmitFirstAsync();

        var waits = new List<int>();
        for (var (second, last) = (1, 0); second <= 19; second++)
        {
            test.Time.Advance(Second);
            while (test.Transport.TryNext(out var sent))
            {
                Assert.Equal((first.Request, "{0,1,2,3}"), (sent!.Request, sent.To.ToString()));
                Assert.True(sent.Envelope.Span.SequenceEqual(first.Envelope.Span)); // the signed bytes, not new ones
                waits.Add(second - last);
                last = second;
            }
        }

        Assert.Equal([1, 2, 4, 4, 4, 4], waits);
    }

    /// <summary>The request that opens the session is sent again too.</summary>
    [Fact]
    public async Task An_opening_that_is_lost_is_sent_again()
    {
        var task = _test.Submit();
        var open = await _test.Transport.NextAsync();

        _test.Time.Advance(Second);

        var again = await _test.Transport.NextAsync();
        Assert.Equal((open.Request, "{0,1,2,3}"), (again.Request, again.To.ToString()));
        _test.Reply(again, ReplyStatus.SessionOpened, replicas: [1, 2]);
        _test.Reply(await _test.Transport.NextAsync(), ReplyStatus.Executed, replicas: [1, 2]);
        await task.InTime();
    }

    /// <summary>Giving up says that the operation may be executed all the same.</summary>
    [Fact]
    public async Task Without_an_answer_in_time_the_request_times_out_and_may_be_executed()
    {
        var (task, sent) = await _test.SubmitFirstAsync();

        _test.Time.Advance(TimeSpan.FromSeconds(9.9));
        _test.Reply(sent, ReplyStatus.Executed, replicas: [0]);
        Assert.False(task.IsCompleted);
        _test.Time.Advance(TimeSpan.FromSeconds(0.2));

        var failure = await Assert.ThrowsAsync<PbftTimeoutException>(() => task.InTime());
        Assert.True(failure.MayHaveExecuted);
        Assert.Contains("The outcome is unknown", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>A late answer to a request that was given up is harmless, and the next request is answered.</summary>
    [Fact]
    public async Task A_client_goes_on_after_a_request_was_given_up()
    {
        var (late, sentLate) = await _test.SubmitFirstAsync();
        _test.Time.Advance(TimeSpan.FromSeconds(11));
        await Assert.ThrowsAsync<PbftTimeoutException>(() => late.InTime());
        while (_test.Transport.TryNext(out _)) { }

        var (next, sentNext) = await _test.SubmitNextAsync();
        _test.Reply(sentLate, ReplyStatus.Executed, replicas: [0, 1, 2, 3]);
        _test.Reply(sentNext, ReplyStatus.Executed, replicas: [0, 1]);

        await next.InTime();
        Assert.Equal(2, sentNext.Request.Number);
    }

    /// <summary>C-6: busy is waited out as the replicas advise.</summary>
    [Fact]
    public async Task A_busy_cluster_is_asked_again_when_it_said()
    {
        var (task, sent) = await _test.SubmitFirstAsync();

        _test.Reply(sent, ReplyStatus.Busy, replicas: [0], RetryHint.Encode(TimeSpan.FromMilliseconds(50)));
        _test.Time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.False(_test.Transport.TryNext(out _));
        _test.Time.Advance(TimeSpan.FromMilliseconds(1));

        var again = await _test.Transport.NextAsync();
        Assert.Equal(sent.Request, again.Request);
        _test.Reply(again, ReplyStatus.Executed, replicas: [0, 1]);
        await task.InTime();
    }

    /// <summary>C-6: when f + 1 replicas were busy to the end, that is the reason, with their advice.</summary>
    [Fact]
    public async Task A_cluster_that_stays_busy_is_reported_as_busy_with_its_advice()
    {
        var (task, sent) = await _test.SubmitFirstAsync();

        for (var i = 0; i < 11; i++)
        {
            _test.Reply(sent, ReplyStatus.Busy, replicas: [1, 2], RetryHint.Encode(TimeSpan.FromMilliseconds(750)));
            _test.Time.Advance(Second);
        }

        var failure = await Assert.ThrowsAsync<PbftBusyException>(() => task.InTime());
        Assert.Equal(TimeSpan.FromMilliseconds(750), failure.RetryAfter);
    }

    /// <summary>One liar that cries busy is not the cluster.</summary>
    [Fact]
    public async Task One_busy_replica_is_no_busy_cluster()
    {
        var (task, sent) = await _test.SubmitFirstAsync();

        _test.Reply(sent, ReplyStatus.Busy, replicas: [3], RetryHint.Encode(Second));
        _test.Time.Advance(TimeSpan.FromSeconds(11));

        await Assert.ThrowsAsync<PbftTimeoutException>(() => task.InTime());
    }

    /// <summary>What never left the client was not executed, and the failure says so.</summary>
    [Fact]
    public async Task Without_a_connection_the_failure_says_where_and_that_nothing_was_executed()
    {
        _test.Transport.State = TransportState.Disconnected;
        _test.Transport.Problem = "No cluster answers at http://127.0.0.1:5080. Start one: dotnet run --project silo";

        var task = _test.Submit();
        _test.Time.Advance(TimeSpan.FromSeconds(10));

        var failure = await Assert.ThrowsAsync<PbftConnectionException>(() => task.InTime());
        Assert.Equal((_test.Transport.Problem, false), (failure.Message, failure.MayHaveExecuted));
    }

    /// <summary>C-3: a caller that stops waiting frees the place its request had, as soon as the replicas' window is known to have moved.</summary>
    [Fact]
    public async Task A_cancelled_request_ends_at_once_and_makes_room()
    {
        using var cancel = new CancellationTokenSource();
        var cancelled = _test.Submit(cancel.Token);
        await _test.OpenAsync();
        var sent = await _test.Transport.NextAsync();
        var (_, second) = await _test.SubmitNextAsync();
        for (var i = 0; i < 2; i++) await _test.SubmitNextAsync();
        var waits = _test.Submit();
        Assert.False(_test.Transport.TryNext(out _));

        await cancel.CancelAsync();

        var stopped = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.InTime());
        Assert.Equal(cancel.Token, stopped.CancellationToken);
        _test.Reply(second, ReplyStatus.Executed, replicas: [0, 1]);
        var next = await _test.Transport.NextAsync();
        Assert.Equal(5, next.Request.Number);
        _test.Reply(sent, ReplyStatus.Executed, replicas: [0, 1]); // executed all the same, and nobody minds
        _test.Reply(next, ReplyStatus.Executed, replicas: [0, 1]);
        await waits.InTime();
    }

    /// <summary>A request that waits for its turn can be cancelled; it was never sent.</summary>
    [Fact]
    public async Task A_request_cancelled_while_it_waits_is_never_sent()
    {
        using var cancel = new CancellationTokenSource();
        var (first, sentFirst) = await _test.SubmitFirstAsync();
        for (var i = 0; i < 3; i++) await _test.SubmitNextAsync();
        var cancelled = _test.Submit(cancel.Token);
        var next = _test.Submit();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.InTime());

        _test.Reply(sentFirst, ReplyStatus.Executed, replicas: [0, 1]);

        await first.InTime();
        var sent = await _test.Transport.NextAsync();
        Assert.Equal(5, sent.Request.Number);
        _test.Reply(sent, ReplyStatus.Executed, replicas: [0, 1]);
        await next.InTime();
    }

    /// <summary>A token that is cancelled already sends nothing.</summary>
    [Fact]
    public async Task A_request_cancelled_before_it_starts_is_not_sent()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _test.Submit(new CancellationToken(canceled: true)));

        Assert.False(_test.Client.IsWaiting);
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();
}
