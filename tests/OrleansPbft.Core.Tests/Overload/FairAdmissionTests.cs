namespace OrleansPbft.Core.Tests;

/// <summary>C-6 at every replica: who gets room, and who is told Busy (ADR 0015).</summary>
public sealed class FairAdmissionTests
{
    /// <summary>C-6: a client gets no more than what is still free: one that floods half of the room, however many sessions it floods with.</summary>
    [Fact]
    public void One_flooding_client_gets_half_of_the_room()
    {
        var backup = Backup(places: 60);

        Assert.Equal(30, Flood(backup, client: 1, sessions: 1000));
        Assert.Equal(15, Flood(backup, client: 2, sessions: 1000));
    }

    /// <summary>C-6: whoever comes when many flood finds room for a first request.</summary>
    [Fact]
    public void There_is_room_for_one_more_client()
    {
        var backup = Backup(places: 64);
        for (var client = 1; client <= 5; client++) Flood(backup, client, sessions: 100);

        for (var client = 6; client <= 7; client++)
        {
            backup.Step(Make.Request(1, session: 1, client));
            Assert.DoesNotContain(backup.Replies, static reply => reply.Status == ReplyStatus.Busy);
        }
    }

    /// <summary>C-6: as those who have more than their share are served, shares become equal.</summary>
    [Fact]
    public void Shares_become_equal()
    {
        var backup = Backup(places: 60);
        var waiting = Enumerable.Range(0, 5).Select(static _ => new Queue<Request>()).ToArray();
        for (var round = 0; round < 100; round++)
        {
            // One client comes first; then each of five offers more than there is room for, and the primary orders one of each.
            for (var i = 0; i < (round == 0 ? 1 : 5); i++) Offer((round + i) % 5, round);
            backup.Execute(Make.PrePrepare(round + 1, [.. waiting.Where(static queue => queue.Count > 0).Select(static queue => queue.Dequeue())]));
        }

        var shares = waiting.Select(static queue => queue.Count).Order().ToArray();
        Assert.True(shares[^1] - shares[0] <= 2 && shares[0] >= 8, string.Join(' ', shares));

        void Offer(int client, int round)
        {
            for (var i = 0; i < 100; i++)
            {
                var request = Make.Request(1 + (100 * round) + i, session: 1000 + (i % 50), 1 + client);
                backup.Step(request);
                if (!backup.Replies.Any()) waiting[client].Enqueue(request);
            }
        }
    }

    /// <summary>C-6: a session that floods leaves room for the others of its client.</summary>
    [Fact]
    public void One_flooding_session_leaves_room_for_the_others_of_its_client()
    {
        var backup = Backup(places: 60);
        Assert.Equal(20, Flood(backup, client: 1, sessions: 1));

        backup.Step(Make.Request(1, session: 99, client: 1));

        Assert.Empty(backup.Replies);
    }

    /// <summary>C-6: bytes are shared as places are.</summary>
    [Fact]
    public void A_client_with_large_requests_leaves_bytes_for_others()
    {
        var backup = new ReplicaUnderTest(configure: o => o with { RequestBytesMax = 1024, PendingBytesMax = 20 * 1024 });
        for (var i = 1; i <= 100; i++) backup.Step(new Request(Make.Id(i, session: i), [new byte[1]], new byte[1024]));
        Assert.Equal(10, backup.Replica.Pending);

        backup.Step(new Request(Make.Id(1, session: 1, client: 2), [new byte[1]], new byte[1024]));

        Assert.Equal(11, backup.Replica.Pending);
    }

    /// <summary>C-6: what was executed makes room again, down to nothing kept of its client.</summary>
    [Fact]
    public void Executed_requests_make_room()
    {
        var backup = Backup(places: 3).WithSession();
        for (var number = 1; number <= 9; number++)
        {
            backup.Step(Make.Request(number));
            Assert.Equal(1, backup.Replica.Pending);
            backup.Execute(Make.PrePrepare(number + 1, Make.Request(number)));
            Assert.Equal(0, backup.Replica.Pending);
        }
    }

    /// <summary>C-2, C-6: a client that opens one session after another takes at most half of them, and then its own.</summary>
    [Fact]
    public void Opening_sessions_without_end_costs_others_none_of_theirs()
    {
        var backup = new ReplicaUnderTest(configure: static o => o with { SessionsMax = 8, CheckpointInterval = 64, LogWindow = 256 });
        backup.Execute(Make.PrePrepare(1, Make.Open(client: 1), Make.Open(client: 2)));
        for (var nonce = 1; nonce <= 100; nonce++) backup.Execute(Make.PrePrepare(1 + nonce, Make.Open(client: 9, nonce)));

        backup.Execute(Make.PrePrepare(102, Make.Request(1, session: 1, client: 1), Make.Request(1, session: 2, client: 2)));
        Assert.All(backup.Replies, static reply => Assert.Equal(ReplyStatus.Executed, reply.Status));

        // Who does not have half of them makes room as ever.
        backup.Execute(Make.PrePrepare(103, Make.Open(client: 3), Make.Request(1, session: 102, client: 9)));
        Assert.Equal([ReplyStatus.SessionOpened, ReplyStatus.Executed], backup.Replies.Select(static reply => reply.Status));
        Assert.Equal(8, backup.State.Sessions);
    }

    private static ReplicaUnderTest Backup(int places) =>
        new(configure: o => o with { PendingMax = places, CheckpointInterval = 64, LogWindow = 256 });

    /// <summary>How many requests find room, of very many.</summary>
    private static int Flood(ReplicaUnderTest backup, int client, int sessions)
    {
        var before = backup.Replica.Pending;
        for (var i = 0; i < 2000; i++) backup.Step(Make.Request(1 + (i / sessions), session: 1 + (i % sessions), client));
        return backup.Replica.Pending - before;
    }
}
