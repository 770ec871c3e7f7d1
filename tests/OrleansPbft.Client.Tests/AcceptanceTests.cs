using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>What a client believes: rule C-4, at n = 4 with one liar.</summary>
public sealed class AcceptanceTests : IAsyncDisposable
{
    private readonly ClientUnderTest _test = new();

    /// <summary>C-2, C-4: the session is opened by a request; what follows goes to the primary alone.</summary>
    [Fact]
    public async Task The_first_request_opens_a_session_and_then_goes_to_the_primary()
    {
        var task = _test.Submit();

        var open = await _test.Transport.NextAsync();
        Assert.Equal((SessionId.None, "{0}"), (open.Request.Session, open.To.ToString()));
        Assert.InRange(open.Request.Number, 1, long.MaxValue);
        _test.Reply(open, ReplyStatus.SessionOpened, replicas: [2, 3], session: 5);
        var sent = await _test.Transport.NextAsync();
        Assert.Equal((new SessionId(5), 1L, "{0}"), (sent.Request.Session, sent.Request.Number, sent.To.ToString()));
        _test.Reply(sent, ReplyStatus.Executed, replicas: [1, 3], sequence: 9);

        var outcome = await task.InTime();
        Assert.Equal(("r", new SequenceNumber(9), "{1,3}"), (ClientUnderTest.Text(outcome), outcome.Sequence, outcome.Replicas.ToString()));
    }

    /// <summary>C-4, LESSONS B12: one replica counts once, however often it speaks.</summary>
    [Fact]
    public async Task A_liar_that_repeats_itself_convinces_nobody()
    {
        var (task, sent) = await _test.SubmitFirstAsync();

        for (var i = 0; i < 10; i++) _test.Reply(sent, ReplyStatus.Executed, replicas: [3], SealedReplicas.Results("lie"));
        _test.Reply(sent, ReplyStatus.Executed, replicas: [0]);
        Assert.False(task.IsCompleted);
        _test.Reply(sent, ReplyStatus.Executed, replicas: [1]);

        var outcome = await task.InTime();
        Assert.Equal(("r", "{0,1}"), (ClientUnderTest.Text(outcome), outcome.Replicas.ToString()));
    }

    /// <summary>C-4: equal means equal in sequence, status and results.</summary>
    [Fact]
    public async Task Replies_that_differ_do_not_add_up()
    {
        var (task, sent) = await _test.SubmitFirstAsync();

        _test.Reply(sent, ReplyStatus.Executed, replicas: [0], sequence: 5);
        _test.Reply(sent, ReplyStatus.Executed, replicas: [1], sequence: 6);
        _test.Reply(sent, ReplyStatus.ResultDropped, replicas: [2], sequence: 5);
        _test.Reply(sent, ReplyStatus.Executed, replicas: [3], SealedReplicas.Results("s"), sequence: 5);

        Assert.False(task.IsCompleted);
    }

    /// <summary>A-1: a replica that signs in another's name is not heard.</summary>
    [Fact]
    public async Task A_reply_that_another_key_signed_does_not_count()
    {
        var (task, sent) = await _test.SubmitFirstAsync();
        _test.Reply(sent, ReplyStatus.Executed, replicas: [3], SealedReplicas.Results("lie"));

        _test.Transport.Deliver(_test.Replicas.Seal(2, sent.Request, ReplyStatus.Executed, SealedReplicas.Results("lie"), key: 3));
        Assert.False(task.IsCompleted);

        _test.Reply(sent, ReplyStatus.Executed, replicas: [2], SealedReplicas.Results("lie"));
        await task.InTime(); // the same words with the right signature do
    }

    /// <summary>Of 3f + 1 replies f + 1 are needed; the rest, and replies to nobody's request, cost no verification.</summary>
    [Fact]
    public async Task Only_replies_that_are_waited_for_are_verified()
    {
        var (task, sent) = await _test.SubmitFirstAsync();
        _test.Reply(sent, ReplyStatus.Executed, replicas: [0, 1]);
        await task.InTime();
        var verified = _test.Verifier.Signatures.Count;

        _test.Reply(sent, ReplyStatus.Executed, replicas: [2, 3]);
        _test.Transport.Deliver(_test.Replicas.Seal(0, sent.Request with { Number = 77 }, ReplyStatus.Executed));
        _test.Transport.Deliver(_test.Replicas.Seal(0, sent.Request with { Session = new(9) }, ReplyStatus.Executed));
        _test.Transport.Deliver(_test.Replicas.Seal(0, sent.Request with { Client = new(1) }, ReplyStatus.Executed));

        Assert.Equal(verified, _test.Verifier.Signatures.Count);
    }

    /// <summary>A replica signs a batch of replies once; verifying follows suit.</summary>
    [Fact]
    public async Task One_signature_under_many_replies_is_verified_once()
    {
        var (first, sentFirst) = await _test.SubmitFirstAsync();
        var (second, sentSecond) = await _test.SubmitNextAsync();
        var verified = _test.Verifier.Signatures.Count;

        _test.Transport.Deliver(_test.Replicas.SealTogether(1, sentFirst.Request, sentSecond.Request));
        _test.Transport.Deliver(_test.Replicas.SealTogether(2, sentFirst.Request, sentSecond.Request));

        await Task.WhenAll(first, second).InTime();
        Assert.Equal(verified + 2, _test.Verifier.Signatures.Count);
    }

    /// <summary>C-4, LESSONS B52: one replica that names a newer view moves nothing; f + 1 do.</summary>
    [Fact]
    public async Task The_view_believed_in_moves_when_f_plus_1_replicas_name_a_newer_one()
    {
        var (first, sentFirst) = await _test.SubmitFirstAsync();
        _test.Reply(sentFirst, ReplyStatus.Executed, replicas: [0], view: 9);
        _test.Reply(sentFirst, ReplyStatus.Executed, replicas: [1], view: 0);
        await first.InTime();

        var (second, sentSecond) = await _test.SubmitNextAsync();
        Assert.Equal("{0}", sentSecond.To.ToString());
        _test.Reply(sentSecond, ReplyStatus.Executed, replicas: [2, 3], view: 2);
        var outcome = await second.InTime();

        var (_, sentThird) = await _test.SubmitNextAsync();
        Assert.Equal((new View(2), "{2}"), (outcome.View, sentThird.To.ToString()));
    }

    /// <summary>N-1: a bundle's results come back in its order.</summary>
    [Fact]
    public async Task A_bundle_has_one_result_for_each_operation_in_order()
    {
        var task = _test.Client.SubmitAsync([ClientUnderTest.Bytes("a"), ClientUnderTest.Bytes("b"), ClientUnderTest.Bytes("c")], TestContext.Current.CancellationToken);
        await _test.OpenAsync();
        var sent = await _test.Transport.NextAsync();

        _test.Reply(sent, ReplyStatus.Executed, replicas: [0, 1], SealedReplicas.Results("1", "2", "3"));

        var outcome = await task.InTime();
        Assert.Equal(["1", "2", "3"], outcome.Results.Select(static result => System.Text.Encoding.UTF8.GetString(result.Data.Span)));
    }

    /// <summary>More than f liars can agree on nonsense; a client says so and goes on.</summary>
    [Fact]
    public async Task Results_that_do_not_fit_the_bundle_are_no_answer()
    {
        var (task, sent) = await _test.SubmitFirstAsync();

        _test.Reply(sent, ReplyStatus.Executed, replicas: [0, 1], SealedReplicas.Results("1", "2"));

        await Assert.ThrowsAsync<PbftFaultyClusterException>(() => task.InTime());
        var (_, next) = await _test.SubmitNextAsync();
        Assert.Equal(2, next.Request.Number);
    }

    /// <summary>A-4: whatever arrives, nothing is thrown, and nothing is lost.</summary>
    [Fact]
    public async Task Bytes_that_are_no_reply_are_dropped()
    {
        var (task, sent) = await _test.SubmitFirstAsync();
        var honest = _test.Replicas.Seal(0, sent.Request, ReplyStatus.Executed, SealedReplicas.Results("r"));
        var random = new Random(4711);

        for (var i = 0; i < 200; i++)
        {
            var garbage = new byte[random.Next(300)];
            random.NextBytes(garbage);
            var altered = (byte[])honest.Clone();
            altered[random.Next(altered.Length)] ^= (byte)(1 << random.Next(8));
            _test.Transport.Deliver(garbage, altered, honest[..random.Next(honest.Length)], sent.Envelope.ToArray());
        }

        Assert.False(task.IsCompleted);
        _test.Transport.Deliver(honest);
        _test.Reply(sent, ReplyStatus.Executed, replicas: [1]);
        await task.InTime();
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();
}
