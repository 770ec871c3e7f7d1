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
        _queue.Finish(Make.Id(1, session: 1, client: 1), until: default);
        _queue.Reckon(Make.Noon, areShared: true);
        Assert.Equal((0, 0, 0L, Instant.Never), (_queue.Count, _queue.Ready, _queue.ReadyBytes, _queue.ReadySince));
        Assert.Throws<InvalidOperationException>(() => _queue.Take());

        Add(client: 1, session: 1, number: 2);
        Add(client: 2, session: 2, number: 1);
        Assert.Equal([1, 2], Take(2).Select(static r => (int)r.Id.Client.Value));
    }

    /// <summary>C-6, ADR 0017: beside those that ask for one at a time, a client has what a batch costs by itself, shared by all, and what they have.</summary>
    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 9)]
    [InlineData(2, 5)]
    [InlineData(8, 2)]
    [InlineData(9, 1)]
    [InlineData(50, 1)]
    public void One_that_asks_for_much_has_its_share(int others, int share)
    {
        for (var client = 1; client <= others; client++) Add(client, session: client, number: 1);
        for (var i = 1; i <= 100; i++) Add(client: 99, session: i % 7, number: i);

        Reckon();

        Assert.Equal(others + share, _queue.Ready);
        Assert.Equal(_queue.Ready * (100L + BatchEncoding.RequestHeaderBytes), _queue.ReadyBytes);
        Assert.Equal(share, TakeAll().Count(static client => client == 99));
        Assert.Null(_queue.Peek());
        Assert.Equal(100 - share, _queue.Count);
        Assert.Throws<InvalidOperationException>(() => _queue.Take());
    }

    /// <summary>C-6, ADR 0017: clients that ask for much have much, however unequal beyond that.</summary>
    [Fact]
    public void Clients_that_all_ask_for_much_have_it()
    {
        for (var client = 1; client <= 20; client++)
        {
            for (var i = 1; i <= 30 + client; i++) Add(client, session: client, number: i);
        }

        Reckon();

        // 31 each, and of the twenty turns that could be let pass above that eight: 32, 33 and 34 are let pass by 1, 2 and 3 clients, 35 would be by 4.
        Assert.Equal(34, _queue.Share);
        Assert.Equal(31 + 32 + 33 + (17 * 34), TakeAll().Count);
    }

    /// <summary>C-6, ADR 0017: what is in flight counts, and who was just answered shares for a while.</summary>
    [Fact]
    public void What_is_in_flight_counts_and_who_was_just_answered_shares()
    {
        for (var i = 1; i <= 100; i++) Add(client: 99, session: 9, number: i);
        for (var client = 1; client <= 20; client++) Add(client, session: client, number: 1);
        Reckon();
        Assert.Equal(21, TakeAll().Count);

        Reckon(); // all have one in flight, and only one has more to ask
        Assert.Equal((0, Instant.Never), (_queue.Ready, _queue.ReadySince));

        for (var client = 1; client <= 20; client++) _queue.Finish(Make.Id(1, session: client, client), until: At(10));
        _queue.Finish(Make.Id(1, session: 9, client: 99), until: At(10));
        Reckon(at: 10);
        Assert.Equal((1, Instant.Never), (_queue.Ready, _queue.ReadySince)); // it has more beyond that: it goes along with others

        Reckon(at: 11);
        Assert.Equal(99, _queue.Ready); // nobody else is here any more
    }

    /// <summary>N-7, ADR 0017: what was held back has waited since it is within its client's share, and no longer.</summary>
    [Fact]
    public void What_was_held_back_waits_since_it_no_longer_is()
    {
        for (var client = 1; client <= 20; client++) Add(client, session: client, number: 1);
        Reckon();
        Assert.Equal((20, At(0)), (_queue.Ready, _queue.ReadySince));
        TakeAll();
        Add(client: 7, session: 7, number: 2);
        Reckon(at: 5);
        Assert.Equal((0, Instant.Never), (_queue.Ready, _queue.ReadySince));

        _queue.Finish(Make.Id(1, session: 7, client: 7), until: At(10));
        Reckon(at: 6);

        Assert.Equal((1, At(5)), (_queue.Ready, _queue.ReadySince));
    }

    /// <summary>ADR 0017: where shares do not bind, all have all they ask for.</summary>
    [Fact]
    public void Where_there_is_room_nobody_is_held_back()
    {
        for (var client = 1; client <= 20; client++) Add(client, session: client, number: 1);
        for (var i = 1; i <= 100; i++) Add(client: 99, session: 9, number: i);

        _queue.Reckon(Make.Noon, areShared: false);

        Assert.Equal((120, 120), (_queue.Ready, TakeAll().Count));
    }

    /// <summary>C-6: a debt is paid by letting turns pass, not by having one's share in flight.</summary>
    [Fact]
    public void Who_is_held_back_pays_no_debt_by_it()
    {
        Add(client: 1, session: 1, number: 1, bytes: 20 * RequestQueue.TurnBytes);
        Add(client: 1, session: 1, number: 2);
        for (var client = 2; client <= 11; client++) Add(client, session: client, number: 1);
        Reckon();
        Assert.Equal(11, TakeAll().Count);
        Reckon();
        for (var i = 0; i < 100; i++) Assert.Null(_queue.Peek());

        _queue.Finish(Make.Id(1, session: 1, client: 1), until: Make.Noon);
        Reckon();
        for (var client = 2; client <= 11; client++)
        {
            Add(client, session: client, number: 2);
            _queue.Finish(Make.Id(1, session: client, client), until: Make.Noon);
        }

        Reckon();
        Assert.NotEqual(1, (int)_queue.Take().Id.Client.Value);
    }

    private static Instant At(int milliseconds) => Make.Noon.Plus(TimeSpan.FromMilliseconds(milliseconds));

    private void Reckon(int at = 0) => _queue.Reckon(At(at), areShared: true);

    private List<int> TakeAll()
    {
        List<int> clients = [];
        while (_queue.Peek() is not null) clients.Add((int)_queue.Take().Id.Client.Value);
        return clients;
    }

    private void Add(int client, long session, long number, int bytes = 100) =>
        _queue.Add(new(Make.Id(number, session, client), [new byte[1]], new byte[bytes]), Make.Noon);

    private List<Request> Take(int count) => [.. Enumerable.Range(0, count).Select(_ => _queue.Take())];
}
