using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Tests;

/// <summary>Rules C-6, N-8 before anything is verified: who waits, and whose turn it is (ADR 0015).</summary>
public sealed class LaneTests : IDisposable
{
    private static readonly Instant Noon = new(1_700_000_000_000_000);
    private static readonly ProtocolOptions Options = new() { Cluster = new(4) };

    private readonly KeyPair[] _clients = [.. Enumerable.Range(0, 3).Select(static _ => KeyPair.Create())];

    /// <summary>C-6: a client that floods gets half of the lane, and the next finds room.</summary>
    [Fact]
    public void A_flooding_client_leaves_room_in_the_lane()
    {
        var lane = new ClientLane(new(100, 1 << 20), new(Options));

        Assert.Equal(50, Fill(lane, client: 0, count: 1000));
        Assert.Equal(25, Fill(lane, client: 1, count: 1000));
        Assert.Equal(1, Fill(lane, client: 2, count: 1));
    }

    /// <summary>C-6: the same in bytes.</summary>
    [Fact]
    public void A_flooding_client_leaves_bytes_in_the_lane()
    {
        var envelope = RequestOf(0, 1);
        var lane = new ClientLane(new(100_000, 10L * envelope.Bytes.Length), new(Options));

        Assert.Equal(5, Fill(lane, client: 0, count: 1000));
        Assert.Equal(1, Fill(lane, client: 1, count: 1));
    }

    /// <summary>C-6: clients take turns, each in its own order; who has nothing left is not asked.</summary>
    [Fact]
    public void Clients_take_turns_in_the_lane()
    {
        var lane = new ClientLane(new(100, 1 << 20), new(Options));
        Fill(lane, client: 0, count: 4);
        Fill(lane, client: 1, count: 2);

        var taken = new List<string>();
        while (lane.TryTake(out var envelope)) taken.Add(Name(envelope));

        Assert.Equal(["0/1", "1/1", "0/2", "1/2", "0/3", "0/4"], taken);
        Assert.Equal(0, lane.Count);
        Assert.True(lane.IsBelowHalf);
    }

    /// <summary>Bytes that are no request share one place among the clients, and do no harm.</summary>
    [Fact]
    public void What_is_no_request_is_one_client_more()
    {
        var lane = new ClientLane(new(100, 1 << 20), new(Options));
        for (var i = 0; i < 10; i++) Assert.True(lane.TryAdd(new(new byte[i], Envelope.FromClients)));
        Fill(lane, client: 0, count: 1);

        Assert.True(lane.TryTake(out _));
        Assert.True(lane.TryTake(out var second));
        Assert.Equal("0/1", Name(second));
    }

    /// <summary>N-8: a peer that has very much to say is heard at its rate, and more where the others say more.</summary>
    [Fact]
    public void A_flooding_peer_is_heard_at_its_rate()
    {
        var lane = new PeerLane(new(10, 1000, LaneOrigin.Peer));
        long opened = 0;

        Assert.Equal(PeerLane.Burst, Drain(Noon));
        Assert.True(lane.IsHeld);
        Assert.Equal(PeerLane.PerSecond, Drain(Noon.Plus(TimeSpan.FromSeconds(1))));
        opened += 500; // of others
        Assert.Equal(500 * PeerLane.PerOther, Drain(Noon.Plus(TimeSpan.FromSeconds(1))));
        Assert.Equal(PeerLane.Burst, Drain(Noon.Plus(TimeSpan.FromHours(1))));

        int Drain(Instant now)
        {
            var count = 0;
            while (lane.MayOpen(now, opened))
            {
                lane.OnOpened(1);
                opened++;
                count++;
            }

            return count;
        }
    }

    /// <summary>N-8: a peer pays for what it costs. Who makes this replica verify has the fewer envelopes opened.</summary>
    [Fact]
    public void A_peer_that_costs_more_has_less_opened()
    {
        var lane = new PeerLane(new(10, 1000, LaneOrigin.Peer));
        var opened = 0;
        for (; lane.MayOpen(Noon, PeerLane.Verification * opened); opened++) lane.OnOpened(PeerLane.Verification);

        Assert.Equal(1 + (PeerLane.Burst / PeerLane.Verification), opened); // the last on credit
        Assert.False(lane.MayOpen(Noon.Plus(TimeSpan.FromMilliseconds(1)), PeerLane.Verification * opened));
        Assert.True(lane.MayOpen(Noon.Plus(TimeSpan.FromMilliseconds(2)), PeerLane.Verification * opened));
    }

    /// <summary>A clock that goes back takes nothing from anybody.</summary>
    [Fact]
    public void A_peer_is_not_held_for_a_clock_that_goes_back()
    {
        var lane = new PeerLane(new(10, 1000, LaneOrigin.Peer));
        Assert.True(lane.MayOpen(Noon, 0));
        Assert.True(lane.MayOpen(Noon.Plus(TimeSpan.FromHours(-1)), 0));
        Assert.False(lane.IsHeld);
    }

    public void Dispose()
    {
        foreach (var key in _clients) key.Dispose();
    }

    private int Fill(ClientLane lane, int client, int count) => Enumerable.Range(1, count).Count(i => lane.TryAdd(RequestOf(client, i)));

    private Envelope RequestOf(int client, long number) =>
        new(new ClientSealer(new(7), _clients[client], new(Options)).SealOpenSession(number).Envelope, Envelope.FromClients);

    private string Name(in Envelope envelope)
    {
        Assert.Equal(RejectReason.None, EnvelopeFrame.TryRead(envelope.Bytes, new(Options), out var frame));
        var client = ClientId.Of(frame.ClientKey.Span);
        Assert.Equal(RejectReason.None, MessageEncoding.TryReadRequest(frame, new(Options), client, out var request));
        return $"{Array.FindIndex(_clients, key => key.PublicKey.ClientId == client)}/{request!.Id.Number}";
    }
}
