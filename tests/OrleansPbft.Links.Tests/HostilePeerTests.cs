using System.Net.WebSockets;
using OrleansPbft.Core;

namespace OrleansPbft.Links.Tests;

/// <summary>A peer with its true key that sends garbage, or too much, loses its link, and may not come back at once (N-8, A-4).</summary>
public sealed class HostilePeerTests : IDisposable
{
    private readonly LinkedCluster _cluster = new();
    private readonly LinkIdentity _self;

    public HostilePeerTests() => _self = _cluster.IdentityOf(0);

    [Theory]
    [InlineData("text", WebSocketCloseStatus.InvalidMessageType, "NotBinary")]
    [InlineData("garbage", WebSocketCloseStatus.InvalidPayloadData, "BadFrame")]
    [InlineData("empty", WebSocketCloseStatus.InvalidPayloadData, "BadFrame")]
    [InlineData("for another", WebSocketCloseStatus.InvalidPayloadData, "BadFrame")]
    [InlineData("cut short", WebSocketCloseStatus.InvalidPayloadData, "BadFrame")]
    [InlineData("too large an envelope", WebSocketCloseStatus.InvalidPayloadData, "BadFrame")]
    [InlineData("too large a message", WebSocketCloseStatus.MessageTooBig, "MessageTooLarge")]
    public async Task What_is_no_whole_frame_ends_the_link_and_the_peer_is_refused_for_a_while(string what, WebSocketCloseStatus status, string reason)
    {
        await using var zero = await LinkedSilo.StartAsync(_self);
        using var socket = await DialAsync();
        byte[] message = what switch
        {
            "text" => "hello"u8.ToArray(),
            "garbage" => [1, 2, 3],
            "empty" => [],
            "for another" => PortUnderTest.Frame(new byte[] { 1 }, to: 2),
            "cut short" => PortUnderTest.Frame(new byte[] { 1, 2, 3 })[..^1],
            "too large an envelope" => PortUnderTest.Frame(new byte[_self.Limits.EnvelopeBytesMax + 1]),
            _ => new byte[(1 << 20) + 1],
        };

        await PortUnderTest.SendAsync(socket, message, what == "text" ? WebSocketMessageType.Text : WebSocketMessageType.Binary, end: what != "too large a message");

        Assert.Equal(status, await PortUnderTest.ReadToCloseAsync(socket));
        await zero.Log.LineAsync($"The link from replica 1 was closed for what came over it: {reason}");
        Assert.Equal(1, zero.Counted[$"pbft.link.connections.closed/{reason}"]);
        await Assert.ThrowsAsync<WebSocketException>(DialAsync);
        Assert.Equal(1, zero.Counted["pbft.link.connections.refused/Penalty"]);
        Assert.Contains("none is taken for", zero.Links.GetStatus().Single(static link => link.Peer == 1).Refusal, StringComparison.Ordinal);
        Assert.False(zero.TryNext(out _));
    }

    /// <summary>What came before the garbage is delivered, what comes after it is not.</summary>
    [Fact]
    public async Task Frames_before_garbage_are_delivered()
    {
        await using var zero = await LinkedSilo.StartAsync(_self);
        using var socket = await DialAsync();

        await PortUnderTest.SendAsync(socket, (byte[])[.. PortUnderTest.Frame(new byte[] { 1 }), .. PortUnderTest.Frame(new byte[] { 2 }), 9, 9]);

        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await PortUnderTest.ReadToCloseAsync(socket));
        Assert.Equal([1], (await zero.NextAsync()).Envelope);
        Assert.Equal([2], (await zero.NextAsync()).Envelope);
        Assert.False(zero.TryNext(out _));
    }

    /// <summary>Envelopes are not checked by the link; what the replica says of them counts, unless a correct peer could have sent them too.</summary>
    [Fact]
    public async Task Too_many_rejected_envelopes_end_the_link()
    {
        await using var zero = await LinkedSilo.StartAsync(_self, static options => options.RejectsMax = 3);
        using var socket = await DialAsync();
        await zero.Log.LineAsync("The link from replica 1 is open");

        for (var i = 0; i < 100; i++) zero.Links.OnRejected(new(1), i % 2 == 0 ? RejectReason.ClientNotAllowed : RejectReason.BadRequestInBatch);
        for (var i = 0; i < 3; i++) zero.Links.OnRejected(new(1), RejectReason.BadSignature);
        zero.Links.OnRejected(new(2), RejectReason.BadSignature);
        await PortUnderTest.SendAsync(socket, PortUnderTest.Frame(new byte[] { 1 }));
        Assert.Equal([1], (await zero.NextAsync()).Envelope);

        zero.Links.OnRejected(new(1), RejectReason.BadSignature);

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await PortUnderTest.ReadToCloseAsync(socket));
        await zero.Counted.Reach("pbft.link.connections.closed/TooManyRejects", 1);
        Assert.Equal([1], zero.Forgotten.Select(static peer => peer.Index)); // what still waits of it, too
    }

    /// <summary>Who is parted with, and does not answer the good-bye, goes on in vain.</summary>
    [Fact]
    public async Task What_comes_after_the_good_bye_is_not_delivered()
    {
        await using var zero = await LinkedSilo.StartAsync(_self, static options => options.RejectsMax = 0);
        using var socket = await DialAsync();
        await zero.Log.LineAsync("The link from replica 1 is open");

        zero.Links.OnRejected(new(1), RejectReason.BadSignature);
        for (var i = 0; i < 10; i++) await PortUnderTest.SendAsync(socket, PortUnderTest.Frame(new byte[] { 1 }));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await PortUnderTest.ReadToCloseAsync(socket));

        await zero.Counted.Reach("pbft.link.connections.closed/TooManyRejects", 1);
        Assert.False(zero.TryNext(out _));
    }

    /// <summary>A peer has one link: its newest. An old one that hangs keeps it from nothing.</summary>
    [Fact]
    public async Task A_newer_link_takes_the_place_of_the_older()
    {
        await using var zero = await LinkedSilo.StartAsync(_self);
        using var first = await DialAsync();
        using var second = await DialAsync();

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await PortUnderTest.ReadToCloseAsync(first));
        await zero.Counted.Reach("pbft.link.connections.closed/Replaced", 1);
        await PortUnderTest.SendAsync(second, PortUnderTest.Frame(new byte[] { 5 }));
        Assert.Equal([5], (await zero.NextAsync()).Envelope);
        Assert.Equal(0, zero.Counted["pbft.link.connections.refused/Penalty"]);
    }

    /// <summary>A link has one direction: a silo that answers on it is no correct one, and is parted with.</summary>
    [Fact]
    public async Task What_a_peer_says_on_the_link_to_it_ends_the_link()
    {
        await using var zero = await LinkedSilo.StartAsync(_self);
        await using var talker = await TalkativeSilo.StartAsync(_cluster.IdentityOf(1));

        await zero.Log.LineAsync("answered on a link that has one direction");
    }

    public void Dispose() => _cluster.Dispose();

    private Task<ClientWebSocket> DialAsync() => LinkedSilo.DialAsync(_self, _cluster.IdentityOf(1).Certificate);
}
