using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>Reads without ordering (C-7): what is sent, what is believed, and when ordering takes over.</summary>
public sealed class ReadTests : IAsyncLifetime
{
    private readonly ClientUnderTest _test = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_goes_to_all_replicas_outside_any_session_and_is_answered_by_q()
    {
        var (task, sent) = await _test.QueryAsync();
        Assert.Equal(ReplicaSet.FirstN(4), sent.To);
        Assert.True(_test.Client.IsWaiting);

        _test.ReplyToRead(sent, [0, 1], executed: 12, view: 3);
        Assert.False(task.IsCompleted);
        _test.ReplyToRead(sent, [2], executed: 12, view: 3);

        var outcome = await task.InTime();
        Assert.Equal("r", ClientUnderTest.Text(outcome));
        Assert.Equal((AnswerPath.Quorum, new SequenceNumber(12), new View(3)), (outcome.Path, outcome.Sequence, outcome.View));
        Assert.Equal([0, 1, 2], outcome.Replicas.ToIndexes());
        Assert.False(_test.Client.IsWaiting);
        Assert.False(_test.Transport.TryNext(out _)); // no session was opened for it
    }

    [Fact]
    public async Task Each_read_has_a_number_of_its_own_and_an_answer_to_one_is_none_to_another()
    {
        var (first, firstSent) = await _test.QueryAsync();
        var (second, secondSent) = await _test.QueryAsync();
        Assert.NotEqual(firstSent.Request.Number, secondSent.Request.Number);

        _test.ReplyToRead(firstSent, [0, 1, 2]);

        Assert.Equal("r", ClientUnderTest.Text(await first.InTime()));
        Assert.False(second.IsCompleted);
    }

    [Fact]
    public async Task Replies_that_do_not_prove_their_sender_count_for_nothing()
    {
        var (task, sent) = await _test.QueryAsync();
        for (var i = 0; i < 4; i++)
        {
            var reply = _test.Replicas.SealRead(i, sent.Request.Client, sent.Request.Number, SealedReplicas.Results("forged"));
            reply[^1] ^= 1;
            _test.Transport.Deliver(reply);
        }

        Assert.False(task.IsCompleted);
        _test.ReplyToRead(sent, [1, 2, 3]);
        Assert.Equal("r", ClientUnderTest.Text(await task.InTime()));
    }

    [Fact]
    public async Task Replicas_that_disagree_are_asked_once_more_with_the_same_bytes_and_then_it_is_ordered()
    {
        var (task, sent) = await _test.QueryAsync();
        for (var i = 0; i < 4; i++) _test.ReplyToRead(sent, [i], $"r{i}");
        var again = await _test.Transport.NextAsync();
        Assert.True(again.IsRead);
        Assert.Equal(sent.Envelope.ToArray(), again.Envelope.ToArray());

        for (var i = 0; i < 4; i++) _test.ReplyToRead(sent, [i], $"r{i}");

        await _test.OpenAsync();
        var request = await _test.Transport.NextAsync();
        Assert.False(request.IsRead);
        _test.Reply(request, ReplyStatus.Executed, [0, 1], SealedReplicas.Results("ordered"));
        var outcome = await task.InTime();
        Assert.Equal(("ordered", AnswerPath.Ordered), (ClientUnderTest.Text(outcome), outcome.Path));
    }

    [Fact]
    public async Task Silent_replicas_are_waited_for_no_longer_than_a_request_waits_to_be_sent_again()
    {
        var (task, sent) = await _test.QueryAsync();
        _test.ReplyToRead(sent, [0, 1]);

        _test.Time.Advance(TimeSpan.FromMilliseconds(499)); // RetransmitAfter is 500 ms
        Assert.False(_test.Transport.TryNext(out _));
        _test.Time.Advance(TimeSpan.FromMilliseconds(1));

        await _test.OpenAsync();
        _test.Reply(await _test.Transport.NextAsync(), ReplyStatus.Executed, [0, 1]);
        Assert.Equal(AnswerPath.Ordered, (await task.InTime()).Path);
    }

    [Fact]
    public async Task The_time_of_a_read_counts_its_ordering_in()
    {
        var (task, _) = await _test.QueryAsync();
        _test.Time.Advance(TimeSpan.FromSeconds(1));
        await _test.Transport.NextAsync(); // opens the session

        _test.Time.Advance(TimeSpan.FromSeconds(8.9));
        Assert.False(task.IsCompleted);
        _test.Time.Advance(TimeSpan.FromSeconds(0.1));

        await Assert.ThrowsAsync<PbftTimeoutException>(() => task.InTime());
    }

    [Fact]
    public async Task An_operation_that_is_no_query_is_ordered_at_once()
    {
        var (task, sent) = await _test.QueryAsync();
        byte[] rejected = [1, 0, 0, 0, (byte)OperationStatus.Rejected, 0, 0, 0, 0];
        for (var i = 0; i < 3; i++) _test.Transport.Deliver(_test.Replicas.SealRead(i, sent.Request.Client, sent.Request.Number, rejected));

        await _test.OpenAsync();
        _test.Reply(await _test.Transport.NextAsync(), ReplyStatus.Executed, [0, 1]);
        Assert.Equal(AnswerPath.Ordered, (await task.InTime()).Path);
    }

    [Fact]
    public async Task F_plus_1_equal_answers_that_no_correct_replica_gives_are_said_to_be_that()
    {
        var (task, sent) = await _test.QueryAsync();
        for (var i = 0; i < 3; i++) _test.Transport.Deliver(_test.Replicas.SealRead(i, sent.Request.Client, sent.Request.Number, [1, 2, 3]));

        await Assert.ThrowsAsync<PbftFaultyClusterException>(() => task.InTime());
    }

    [Fact]
    public async Task A_cancelled_read_ends_at_once_and_its_answers_are_late()
    {
        using var cancel = new CancellationTokenSource();
        var (task, sent) = await _test.QueryWithAsync(cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.InTime());
        Assert.False(_test.Client.IsWaiting);
        _test.ReplyToRead(sent, [0, 1, 2]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _test.Client.QueryAsync(ClientUnderTest.Bytes("get"), cancel.Token));
    }

    [Fact]
    public async Task A_read_is_sent_again_when_there_is_a_connection_and_fails_as_a_request_does_when_there_will_be_none()
    {
        _test.Transport.State = TransportState.Disconnected;
        var task = _test.Client.QueryAsync(ClientUnderTest.Bytes("get"), Cancelled);
        Assert.False(_test.Transport.TryNext(out _));

        _test.Transport.Connect();
        Assert.True((await _test.Transport.NextAsync()).IsRead);
        _test.Transport.Close("nobody there");

        Assert.Equal("nobody there", (await Assert.ThrowsAsync<PbftConnectionException>(() => task.InTime())).Message);
        await Assert.ThrowsAsync<PbftConnectionException>(() => _test.Client.QueryAsync(ClientUnderTest.Bytes("get"), Cancelled).InTime());
    }

    [Fact]
    public async Task A_client_that_is_closed_ends_its_reads()
    {
        var (task, _) = await _test.QueryAsync();

        await _test.Client.DisposeAsync();

        await Assert.ThrowsAsync<PbftConnectionException>(() => task.InTime());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _test.Client.QueryAsync(ClientUnderTest.Bytes("get"), Cancelled));
    }

    [Fact]
    public async Task Too_many_reads_at_a_time_are_refused_and_bad_ones_never_sent()
    {
        await using var test = new ClientUnderTest(new() { WaitingMax = 1 });
        var (task, sent) = await test.QueryAsync();

        await Assert.ThrowsAsync<PbftBusyException>(() => test.Client.QueryAsync(ClientUnderTest.Bytes("get"), Cancelled));
        await Assert.ThrowsAsync<ArgumentException>(() => test.Client.QueryAsync([], Cancelled));
        await Assert.ThrowsAsync<ArgumentException>(() => test.Client.QueryAsync(new byte[5000], Cancelled));

        test.ReplyToRead(sent, [0, 1, 2]);
        await task.InTime();
        Assert.False(test.Transport.TryNext(out _));
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _test.DisposeAsync();
}
