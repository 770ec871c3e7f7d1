using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>A client in mode Macs: its sessions with replicas come and go without its user's knowledge (rules ).</summary>
public sealed class SessionKeyTests : IDisposable
{
    private readonly MacReplicas _replicas = new();
    private readonly KeyPair _key = SealedReplicas.KeyOf(101);

    [Fact]
    public async Task After_the_first_requests_replies_are_under_macs()
    {
        await using var client = Client();

        for (var i = 0; i < 5; i++) Assert.Equal("r", ClientUnderTest.Text(await SubmitAsync(client)));

        Assert.Equal(SealType.Signature, _replicas.Answers[0]);
        Assert.All(_replicas.Answers.TakeLast(4), static seal => Assert.Equal(SealType.Mac, seal));
        Assert.Empty(_replicas.Rejected);
    }

    [Fact]
    public async Task Reads_are_answered_under_macs()
    {
        await using var client = Client();
        await SubmitAsync(client);
        await SubmitAsync(client);

        var outcome = await client.QueryAsync(ClientUnderTest.Bytes("get"), TestContext.Current.CancellationToken).InTime();

        Assert.Equal(AnswerPath.Quorum, outcome.Path);
        Assert.Contains(SealType.Mac, _replicas.Answers);
    }

    [Fact]
    public async Task A_replica_that_restarts_is_met_again()
    {
        await using var client = Client();
        for (var i = 0; i < 3; i++) await SubmitAsync(client);

        _replicas.Time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 4; i++) _replicas.Restart(i);
        var before = _replicas.Answers.Count;
        for (var i = 0; i < 3; i++) Assert.Equal("r", ClientUnderTest.Text(await SubmitAsync(client)));

        Assert.Equal(SealType.Signature, _replicas.Answers[before]);
        Assert.Equal(SealType.Mac, _replicas.Answers[^1]);
    }

    /// <summary>They have one mailbox, so that a MAC under many replies is checked once; each gets its own.</summary>
    [Fact]
    public async Task Clients_of_one_connection_that_share_a_key_share_its_sessions()
    {
        var mailboxes = new ClientMailboxes(_replicas.Cluster, _replicas, new(new()), time: null);
        var one = new PbftClient(_replicas.Cluster, _key, _replicas, null, null, mailboxes);
        await using (var two = new PbftClient(_replicas.Cluster, _key, _replicas, null, null, mailboxes))
        {
            for (var i = 0; i < 4; i++)
            {
                Assert.Equal("r", ClientUnderTest.Text(await SubmitAsync(one)));
                Assert.Equal("r", ClientUnderTest.Text(await SubmitAsync(two)));
            }

            Assert.Equal(1, _replicas.Receivers);
            Assert.All(_replicas.Answers.TakeLast(2), static seal => Assert.Equal(SealType.Mac, seal));
        }

        Assert.Equal("r", ClientUnderTest.Text(await SubmitAsync(one))); // the other's going takes nothing from it
        await one.DisposeAsync();
        Assert.Equal(0, _replicas.Receivers);
    }

    [Fact]
    public async Task Programs_that_share_a_key_and_nothing_else_are_answered_both()
    {
        await using var one = Client();
        await using var two = Client();

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("r", ClientUnderTest.Text(await SubmitAsync(one)));
            Assert.Equal("r", ClientUnderTest.Text(await SubmitAsync(two)));
            _replicas.Time.Advance(TimeSpan.FromSeconds(1)); // or a replica that has just told one would not tell the other
        }

        Assert.All(_replicas.Answers.TakeLast(8), static seal => Assert.Equal(SealType.Mac, seal)); // four to each
    }

    /// <summary>Its epoch is below what its key has signed before: replicas show it that, and it goes on from there.</summary>
    [Fact]
    public async Task A_client_whose_clock_has_gone_back_has_sessions_all_the_same()
    {
        var time = new ManualTime();
        time.Advance(TimeSpan.FromDays(1));
        for (var run = 0; run < 4; run++) // as many keys as replicas keep of a client
        {
            await using var before = Client(time);
            for (var i = 0; i < 3; i++) await SubmitAsync(before);
            time.Advance(TimeSpan.FromHours(1));
            _replicas.Time.Advance(TimeSpan.FromMinutes(5));
        }

        await using var after = Client(new ManualTime());
        for (var i = 0; i < 3; i++) Assert.Equal("r", ClientUnderTest.Text(await SubmitAsync(after)));

        Assert.Contains(RejectReason.OldSessionKey, _replicas.Rejected);
        Assert.Equal(SealType.Mac, _replicas.Answers[^1]);
    }

    public void Dispose()
    {
        _replicas.Dispose();
        _key.Dispose();
    }

    private PbftClient Client(TimeProvider? time = null) => new(_replicas.Cluster, _key, _replicas, new(new()), new() { RequestTimeout = TimeSpan.FromSeconds(30) }, time);

    private static Task<OperationOutcome> SubmitAsync(PbftClient client) => client.SubmitAsync(ClientUnderTest.Bytes("op"), TestContext.Current.CancellationToken).InTime();
}
