using OrleansPbft.Core;
using OrleansPbft.Grains.Network;

namespace OrleansPbft.Grains.Tests;

public sealed class ReplyRouterTests
{
    private static readonly Envelope Reply = new(new byte[] { 1 }, origin: 2);

    [Fact]
    public void A_reply_reaches_all_who_listen_for_its_client_and_nobody_else()
    {
        var router = new ReplyRouter();
        var one = new Sink();
        var two = new Sink();
        var stranger = new Sink();
        router.Register(Client(1), one);
        router.Register(Client(1), one); // again: no second copy
        router.Register(Client(1), two);
        router.Register(Client(2), stranger);

        Assert.True(router.Route(Client(1), new(2), Reply));
        Assert.False(router.Route(Client(3), new(2), Reply));

        Assert.Equal([new ReplicaId(2)], one.From);
        Assert.Equal([new ReplicaId(2)], two.From);
        Assert.Empty(stranger.From);
    }

    [Fact]
    public void Who_unregisters_hears_no_more_and_is_kept_no_longer()
    {
        var router = new ReplyRouter();
        var sink = new Sink();
        router.Register(Client(1), sink);

        router.Unregister(Client(1), sink);
        router.Unregister(Client(1), sink);

        Assert.False(router.Route(Client(1), new(0), Reply));
        Assert.Empty(sink.From);
        Assert.Equal(0, router.Count);
    }

    [Fact]
    public void One_listener_too_many_takes_the_place_of_the_oldest()
    {
        var router = new ReplyRouter();
        var sinks = Enumerable.Range(0, ReplyRouter.SinksMax + 1).Select(static _ => new Sink()).ToArray();

        foreach (var sink in sinks) router.Register(Client(1), sink);
        router.Route(Client(1), new(0), Reply);

        Assert.Empty(sinks[0].From);
        Assert.All(sinks[1..], static sink => Assert.Single(sink.From));
    }

    [Fact]
    public void One_client_too_many_takes_the_place_of_the_one_that_was_quiet_longest()
    {
        const int RoomInAStripe = 2;
        var router = new ReplyRouter(clientsMax: 16 * RoomInAStripe);
        var sinks = Enumerable.Range(0, 3).Select(static _ => new Sink()).ToArray();

        // All three are in one stripe: their low bits are equal.
        router.Register(Client(16), sinks[0]);
        router.Register(Client(32), sinks[1]);
        router.Route(Client(16), new(0), Reply);
        router.Register(Client(48), sinks[2]);

        Assert.True(router.Route(Client(16), new(0), Reply));
        Assert.False(router.Route(Client(32), new(0), Reply));
        Assert.True(router.Route(Client(48), new(0), Reply));
        Assert.Equal(RoomInAStripe, router.Count);
    }

    private static ClientId Client(int id) => new((UInt128)id);

    private sealed class Sink : IReplySink
    {
        public List<ReplicaId> From { get; } = [];

        public void Send(ReplicaId from, in Envelope envelope) => From.Add(from);
    }
}
