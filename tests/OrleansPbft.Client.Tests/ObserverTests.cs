using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>Who observes a client sees all that it sees, and changes nothing.</summary>
public sealed class ObserverTests : IAsyncDisposable
{
    private readonly Notes _notes = new();
    private readonly ClientUnderTest _test;

    public ObserverTests() => _test = new(new() { Observer = _notes, RetransmitAfter = TimeSpan.FromSeconds(1) });

    [Fact]
    public async Task It_sees_every_reply_with_its_sender_also_those_that_differ_and_those_that_come_late()
    {
        var (task, sent) = await _test.SubmitFirstAsync();
        _notes.Seen.Clear();

        _test.Reply(sent, ReplyStatus.Executed, replicas: [3], SealedReplicas.Results("lie"));
        _test.Reply(sent, ReplyStatus.Executed, replicas: [0, 1, 2]); // the last one is late

        var outcome = await task.InTime();
        Assert.Equal(("r", "{0,1}"), (ClientUnderTest.Text(outcome), outcome.Replicas.ToString()));
        Assert.Equal(["1: reply of 3", "1: reply of 0", "1: reply of 1", "1: reply of 2"], _notes.Seen);
    }

    [Fact]
    public async Task It_sees_where_requests_go_and_where_they_go_again()
    {
        var (_, sent) = await _test.SubmitFirstAsync();

        _test.Time.Advance(TimeSpan.FromSeconds(1));
        await _test.Transport.NextAsync();

        Assert.Equal((SessionId.None, "{0}"), (_notes.Sent[0].Request.Session, _notes.Sent[0].To.ToString()));
        Assert.Equal([(sent.Request, "{0}"), (sent.Request, "{0,1,2,3}")], _notes.Sent.Skip(1).Select(static one => (one.Request, one.To.ToString())));
    }

    [Fact]
    public async Task It_sees_that_a_reply_did_not_prove_its_sender()
    {
        var (task, sent) = await _test.SubmitFirstAsync();
        _notes.Seen.Clear();

        _test.Transport.Deliver(_test.Replicas.Seal(2, sent.Request, ReplyStatus.Executed, SealedReplicas.Results("lie"), key: 3));

        Assert.False(task.IsCompleted);
        Assert.StartsWith("1: rejected as ", Assert.Single(_notes.Seen), StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    private sealed class Notes : IClientObserver
    {
        public List<string> Seen { get; } = [];

        public List<(RequestId Request, ReplicaSet To)> Sent { get; } = [];

        public void OnSent(RequestId request, ReplicaSet to) => Sent.Add((request, to));

        public void OnReply(Reply reply) => Seen.Add($"{reply.Request.Number}: reply of {reply.Sender.Index}");

        public void OnRejected(RequestId request, RejectReason reason) => Seen.Add($"{request.Number}: rejected as {reason}");
    }
}
