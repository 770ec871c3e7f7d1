using System.Text;

namespace OrleansPbft.Core.Tests;

/// <summary>When a client takes the answers to a read for one, asks again, or has it ordered (C-7).</summary>
public sealed class QuorumReadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(640);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly QuorumRead _read = New();

    [Fact]
    public void Q_answers_are_needed_and_f_plus_1_equal_ones_of_them()
    {
        Assert.Equal(ReadStep.Wait, Answer(_read, 0, "a"));
        Assert.Equal(ReadStep.Wait, Answer(_read, 1, "a")); // f + 1 equal, of two: not yet
        Assert.Null(_read.Accepted);

        Assert.Equal(ReadStep.Accept, Answer(_read, 2, "lie"));

        Assert.Equal("a", Text(_read));
        Assert.Equal([0, 1], _read.Accepted!.Agreed.ToIndexes());
    }

    [Fact]
    public void One_replica_that_answers_often_is_one_replica()
    {
        for (var i = 0; i < 5; i++) Assert.Equal(ReadStep.Wait, Answer(_read, 0, "a"));
        Assert.Equal(ReadStep.Wait, Answer(_read, 1, "a"));
    }

    [Fact]
    public void An_answer_older_than_what_another_of_the_q_prepared_does_not_count()
    {
        Answer(_read, 0, "old", executed: 4);
        Answer(_read, 1, "old", executed: 4);

        Assert.Equal(ReadStep.Wait, Answer(_read, 2, "new", executed: 5));
        Assert.Equal(ReadStep.Accept, Answer(_read, 3, "new", executed: 5));

        Assert.Equal("new", Text(_read));
        Assert.Equal(new SequenceNumber(5), _read.Accepted!.Sequence);
    }

    [Fact]
    public void Equal_answers_of_different_age_agree_and_the_oldest_names_the_sequence()
    {
        Answer(_read, 0, "same", executed: 7, prepared: 5);
        Answer(_read, 1, "same", executed: 5);
        Assert.Equal(ReadStep.Accept, Answer(_read, 2, "same", executed: 6, prepared: 5));

        Assert.Equal(new SequenceNumber(5), _read.Accepted!.Sequence);
        Assert.Equal([0, 1, 2], _read.Accepted.Agreed.ToIndexes());
    }

    [Fact]
    public void A_liar_with_an_absurd_sequence_is_left_out_as_soon_as_q_others_answer()
    {
        Answer(_read, 3, "lie", executed: WireLimits.NumberMax, prepared: WireLimits.NumberMax);
        Answer(_read, 0, "a");
        Assert.Equal(ReadStep.Wait, Answer(_read, 1, "a"));

        Assert.Equal(ReadStep.Accept, Answer(_read, 2, "a"));

        Assert.Equal("a", Text(_read));
        Assert.Equal(new SequenceNumber(5), _read.Accepted!.Sequence);
    }

    [Fact]
    public void What_was_named_at_the_first_asking_bounds_the_second()
    {
        // Replica 2 is ahead of the others, and all the time something more is prepared.
        Answer(_read, 0, "v5", executed: 5, prepared: 6);
        Answer(_read, 1, "v5", executed: 5, prepared: 6);
        Assert.Equal(ReadStep.Wait, Answer(_read, 2, "v6", executed: 6, prepared: 7));
        Assert.Equal(ReadStep.AskAgain, Answer(_read, 3, "v5", executed: 5, prepared: 6));

        Assert.Equal(ReadStep.Wait, Answer(_read, 0, "v7", executed: 7, prepared: 9));
        Assert.Equal(ReadStep.Accept, Answer(_read, 3, "v7", executed: 7, prepared: 9));

        Assert.Equal("v7", Text(_read));
    }

    [Fact]
    public void When_all_have_answered_without_agreeing_it_asks_again_at_once_and_then_orders()
    {
        Assert.Equal(ReadStep.Wait, Answer(_read, 0, "a"));
        Assert.Equal(ReadStep.Wait, Answer(_read, 1, "b"));
        Assert.Equal(ReadStep.Wait, Answer(_read, 2, "c"));
        Assert.Equal(ReadStep.AskAgain, Answer(_read, 3, "d"));

        Answer(_read, 0, "a");
        Answer(_read, 1, "b");
        Assert.Equal(ReadStep.Order, Answer(_read, 2, "c"));
        Assert.Equal(ReadStep.Wait, Answer(_read, 3, "a")); // it is over
        Assert.Null(_read.Accepted);
    }

    [Fact]
    public void With_one_silent_it_asks_again_after_a_pause()
    {
        Answer(_read, 0, "a");
        Answer(_read, 1, "b");
        Assert.Equal(ReadStep.Wait, Answer(_read, 2, "c"));
        Assert.Equal(Make.Noon.Plus(Pause), _read.Due);

        Assert.Equal(ReadStep.Wait, _read.Tick(Make.Noon.Plus(Pause / 2)));
        Assert.Equal(ReadStep.AskAgain, _read.Tick(Make.Noon.Plus(Pause)));
        Assert.Equal(Make.Noon.Plus(Patience), _read.Due);
    }

    [Fact]
    public void Without_q_answers_it_is_ordered_when_patience_ends()
    {
        Answer(_read, 0, "a");
        Answer(_read, 1, "a");
        Assert.Equal(Make.Noon.Plus(Patience), _read.Due);
        Assert.Equal(ReadStep.Wait, _read.Tick(Make.Noon.Plus(Patience / 2)));

        Assert.Equal(ReadStep.Order, _read.Tick(Make.Noon.Plus(Patience)));
        Assert.Equal(ReadStep.Wait, Answer(_read, 2, "a"));
        Assert.Equal(ReadStep.Wait, _read.Tick(Make.Noon.Plus(Patience * 2)));
    }

    [Fact]
    public void Busy_replicas_are_asked_again_when_one_of_them_said()
    {
        Assert.Equal(ReadStep.Wait, Busy(_read, 0, TimeSpan.FromMilliseconds(70)));
        Assert.Equal(ReadStep.Wait, Busy(_read, 1, TimeSpan.FromMilliseconds(50)));
        Assert.Equal(Make.Noon.Plus(TimeSpan.FromMilliseconds(50)), _read.Due);

        Assert.Equal(ReadStep.AskAgain, _read.Tick(_read.Due));
        Busy(_read, 0, TimeSpan.FromMilliseconds(70));
        Assert.Equal(ReadStep.Order, Busy(_read, 1, TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public void A_busy_replica_does_not_spoil_the_answers_of_the_others()
    {
        Busy(_read, 0, TimeSpan.FromSeconds(1));
        Answer(_read, 1, "a");
        Answer(_read, 2, "a");
        Assert.Equal(ReadStep.Accept, Answer(_read, 3, "a"));
    }

    [Fact]
    public void What_the_service_does_not_answer_as_a_query_is_ordered()
    {
        foreach (var replica in new[] { 0, 1 }) Answer(_read, replica, "not read-only", status: OperationStatus.Rejected);

        Assert.Equal(ReadStep.Order, Answer(_read, 2, "not read-only", status: OperationStatus.Rejected));
    }

    [Fact]
    public void A_service_that_fails_is_an_answer()
    {
        foreach (var replica in new[] { 0, 1 }) Answer(_read, replica, "", status: OperationStatus.Failed);

        Assert.Equal(ReadStep.Accept, Answer(_read, 2, "", status: OperationStatus.Failed));
    }

    [Fact]
    public void The_view_is_the_newest_that_f_plus_1_name_or_passed()
    {
        Answer(_read, 0, "a", view: 3);
        Answer(_read, 1, "a", view: 99);
        Answer(_read, 2, "a", view: 4);

        Assert.Equal(new View(4), _read.Accepted!.View);
    }

    [Fact]
    public void Answers_to_another_read_or_of_strangers_are_nothing()
    {
        Answer(_read, 0, "a");
        Answer(_read, 1, "a");

        Assert.Equal(ReadStep.Wait, _read.OnReply(Make.Noon, Reply(2, "a", number: 8)));
        Assert.Equal(ReadStep.Wait, _read.OnReply(Make.Noon, Reply(2, "a", client: 2)));
        Assert.Equal(ReadStep.Wait, _read.OnReply(Make.Noon, Reply(4, "a")));
        Assert.Equal(ReadStep.Accept, Answer(_read, 2, "a"));
    }

    [Fact]
    public void A_cluster_of_one_answers_by_itself()
    {
        var read = New(replicas: 1);

        Assert.Equal(ReadStep.Accept, Answer(read, 0, "a"));
    }

    internal static QuorumRead New(int replicas = 4) => new(new(replicas), Make.Client(), 7, Make.Noon, Patience);

    internal static ReadReply Reply(
        int replica, string text, long executed = 5, long? prepared = null, OperationStatus status = OperationStatus.Done, long view = 0, long number = 7, int client = 1)
    {
        byte[] results = [1, 0, 0, 0, (byte)status, (byte)text.Length, 0, 0, 0, .. Encoding.ASCII.GetBytes(text)];
        return new(new(view), Make.Client(client), number, new(executed), new(prepared ?? executed), ReadStatus.Answered, results, new(replica));
    }

    private static ReadStep Answer(
        QuorumRead read, int replica, string text, long executed = 5, long? prepared = null, OperationStatus status = OperationStatus.Done, long view = 0) =>
        read.OnReply(Make.Noon, Reply(replica, text, executed, prepared, status, view));

    private static ReadStep Busy(QuorumRead read, int replica, TimeSpan after) =>
        read.OnReply(Make.Noon, new(default, Make.Client(), 7, new(5), new(5), ReadStatus.Busy, RetryHint.Encode(after), new(replica)));

    internal static string Text(QuorumRead read)
    {
        Assert.True(OperationResults.TryRead(read.Accepted!.Results, out var results));
        return Encoding.ASCII.GetString(Assert.Single(results).Data.Span);
    }
}
