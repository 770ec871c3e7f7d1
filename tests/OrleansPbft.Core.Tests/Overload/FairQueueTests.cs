namespace OrleansPbft.Core.Tests;

/// <summary>C-6 at the primary: whose turn it is (ADR 0015).</summary>
public sealed class FairQueueTests
{
    private readonly RequestQueue _queue = new();

    /// <summary>C-6: a client with a thousand requests has one turn for each turn of a client with one.</summary>
    [Fact]
    public void Clients_take_turns_however_many_each_has()
    {
        for (var i = 1; i <= 1000; i++) Add(client: 1, session: i % 7, number: i);
        for (var i = 1; i <= 3; i++) Add(client: 2, session: 100, number: i);

        Assert.Equal([1, 2, 1, 2, 1, 2, 1, 1], Take(8).Select(static r => (int)r.Id.Client.Value));
    }

    /// <summary>C-6: within a client's turns its sessions take theirs, each in its own order.</summary>
    [Fact]
    public void Sessions_of_a_client_take_turns()
    {
        for (var i = 1; i <= 3; i++) Add(client: 1, session: 10, number: i);
        for (var i = 1; i <= 2; i++) Add(client: 1, session: 11, number: i);

        Assert.Equal([(10L, 1L), (11, 1), (10, 2), (11, 2), (10, 3)], Take(5).Select(static r => (r.Id.Session.Value, r.Id.Number)));
        Assert.Null(_queue.Peek());
    }

    /// <summary>C-6: who asks for sixteen times the bytes gets a turn in sixteen, so that bytes are shared evenly.</summary>
    [Fact]
    public void Large_requests_cost_turns()
    {
        const int Large = 16 * RequestQueue.TurnBytes;
        for (var i = 1; i <= 10; i++) Add(client: 1, session: 1, number: i, Large - BatchEncoding.RequestHeaderBytes);
        for (var i = 1; i <= 1000; i++) Add(client: 2, session: 2, number: i, RequestQueue.TurnBytes - BatchEncoding.RequestHeaderBytes);

        var taken = Take(170);

        var bytes = taken.GroupBy(static r => (int)r.Id.Client.Value, static r => BatchEncoding.RequestHeaderBytes + r.Envelope.Length)
            .ToDictionary(static g => g.Key, static g => g.Sum());
        Assert.InRange(bytes[1] / (double)bytes[2], 0.9, 1.1);
    }

    /// <summary>C-6: small requests count alike, whatever their size: a turn is a turn.</summary>
    [Fact]
    public void Small_requests_cost_a_turn_each()
    {
        for (var i = 1; i <= 10; i++) Add(client: 1, session: 1, number: i, bytes: RequestQueue.TurnBytes - BatchEncoding.RequestHeaderBytes);
        for (var i = 1; i <= 10; i++) Add(client: 2, session: 2, number: i, bytes: 1);

        Assert.Equal([1, 2, 1, 2, 1, 2], Take(6).Select(static r => (int)r.Id.Client.Value));
    }

    /// <summary>C-6: a debt is not forgotten by having nothing to ask for a moment, while others wait.</summary>
    [Fact]
    public void Who_sends_large_requests_one_at_a_time_pays_too()
    {
        const int Large = 8 * RequestQueue.TurnBytes;
        for (var i = 1; i <= 100; i++) Add(client: 2, session: 2, number: i);
        var taken = new List<int>();
        Add(client: 1, session: 1, number: 1, Large);
        for (var i = 2; taken.Count < 40; i++)
        {
            var request = _queue.Take();
            taken.Add((int)request.Id.Client.Value);
            if (request.Id.Client == Make.Client(1)) Add(client: 1, session: 1, number: i, Large);
        }

        Assert.InRange(taken.Count(static client => client == 1), 4, 6);
    }

    /// <summary>Debts are owed to those who wait: with nobody waiting there are none, and nothing is kept.</summary>
    [Fact]
    public void An_empty_queue_has_no_debtors()
    {
        Add(client: 1, session: 1, number: 1, bytes: 100 * RequestQueue.TurnBytes);
        Assert.Equal(1, _queue.Take().Id.Number);
        Assert.Null(_queue.Peek());
        Assert.Equal((0, 0L, Instant.Never), (_queue.Count, _queue.Bytes, _queue.OldestArrival));
        Assert.Throws<InvalidOperationException>(() => _queue.Take());

        Add(client: 1, session: 1, number: 2);
        Add(client: 2, session: 2, number: 1);
        Assert.Equal([1, 2], Take(2).Select(static r => (int)r.Id.Client.Value));
    }

    private void Add(int client, long session, long number, int bytes = 100) =>
        _queue.Add(new(Make.Id(number, session, client), [new byte[1]], new byte[bytes]), Make.Noon);

    private List<Request> Take(int count) => [.. Enumerable.Range(0, count).Select(_ => _queue.Take())];
}
