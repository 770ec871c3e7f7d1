using OrleansPbft.Core;

namespace OrleansPbft.Links.Tests;

/// <summary>The layout of frames, and the bounded queue they wait in.</summary>
public sealed class FrameTests
{
    /// <summary>docs/wire-format.md: length (u32, little-endian) ‖ replica (u8) ‖ envelope.</summary>
    [Fact]
    public void A_frame_is_its_envelope_s_length_the_replica_and_the_envelope()
    {
        Assert.Equal([3, 0, 0, 0, 2, 7, 8, 9], PortUnderTest.Frame(new byte[] { 7, 8, 9 }, to: 2));
    }

    [Fact]
    public void Frames_are_read_back_one_after_another()
    {
        byte[] message = [.. PortUnderTest.Frame(new byte[] { 1 }, to: 0), .. PortUnderTest.Frame(Array.Empty<byte>(), to: 3)];
        var reader = new WireReader(message);

        Assert.Equal(RejectReason.None, LinkFrame.TryRead(ref reader, 4, 100, out var first, out var one));
        Assert.Equal(RejectReason.None, LinkFrame.TryRead(ref reader, 4, 100, out var second, out var none));

        Assert.Equal((0, 1, 3, 0, 0), (first.Index, one.Length, second.Index, none.Length, reader.Remaining));
    }

    [Theory]
    [InlineData(new byte[] { }, RejectReason.Truncated)]
    [InlineData(new byte[] { 1, 0, 0 }, RejectReason.Truncated)]
    [InlineData(new byte[] { 1, 0, 0, 0 }, RejectReason.Truncated)]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 1 }, RejectReason.Truncated)]
    [InlineData(new byte[] { 101, 0, 0, 0, 0 }, RejectReason.TooLarge)]
    [InlineData(new byte[] { 255, 255, 255, 255, 0 }, RejectReason.TooLarge)]
    [InlineData(new byte[] { 0, 0, 0, 0, 4 }, RejectReason.SenderNotInCluster)]
    public void What_is_no_frame_is_refused_with_a_reason(byte[] bytes, RejectReason expected)
    {
        var reader = new WireReader(bytes);

        Assert.Equal(expected, LinkFrame.TryRead(ref reader, replicas: 4, envelopeBytesMax: 100, out _, out _));
    }

    /// <summary>N-8: what waits is bounded in bytes; the oldest make room.</summary>
    [Fact]
    public void The_oldest_frames_make_room_for_the_newest()
    {
        var frames = new OutgoingFrames(bytesMax: 3 * LinkFrame.BytesOf(10));
        for (byte i = 0; i < 3; i++) Assert.True(frames.TryAdd(new(i), new byte[10]));
        Assert.False(frames.TryAdd(new(3), new byte[10]));

        Assert.Equal(2, frames.AddDroppingOldest(new(3), new byte[20]));
        Assert.Equal(1, frames.AddDroppingOldest(new(4), new byte[1000])); // never fits: nobody else has to go

        var message = new byte[frames.NextMessageBytes(1000)];
        frames.TakeMessage(message);
        Assert.Equal((2, 3), (message[4], message[LinkFrame.BytesOf(10) + 4]));
        Assert.Equal((0, 0), (frames.Count, frames.Bytes));
    }

    /// <summary>Many small frames share a message; one that is larger has its own.</summary>
    [Fact]
    public void Frames_are_packed_up_to_the_size_of_a_message()
    {
        var frames = new OutgoingFrames(bytesMax: 10_000);
        foreach (var bytes in new[] { 10, 10, 500, 10 }) Assert.True(frames.TryAdd(new(0), new byte[bytes]));

        var messages = new List<int>();
        while (frames.Count > 0)
        {
            messages.Add(frames.NextMessageBytes(100));
            frames.TakeMessage(new byte[messages[^1]]);
        }

        Assert.Equal([2 * LinkFrame.BytesOf(10), LinkFrame.BytesOf(500), LinkFrame.BytesOf(10)], messages);
    }

    /// <summary>docs/wire-format.md: 17, 0, 0, 0 ‖ 255 ‖ 1 ‖ the client's id. What is cut short, or says something else, is no notice and no frame.</summary>
    [Fact]
    public void A_notice_is_read_as_one_and_never_as_an_envelope()
    {
        var client = new ClientId(7);
        var message = PortUnderTest.Frame(LinkNotice.OfNotListed(client), to: LinkNotice.Replica);
        var reader = new WireReader(message);
        var asFrame = new WireReader(message);

        Assert.Equal([17, 0, 0, 0, 255, 1], message[..6]);
        Assert.True(LinkNotice.TryReadNotListed(ref reader, out var told));
        Assert.Equal((client, 0), (told, reader.Remaining));
        Assert.Equal(RejectReason.SenderNotInCluster, LinkFrame.TryRead(ref asFrame, ClusterSize.ReplicasMax, 100, out _, out _));
        for (var length = 0; length < message.Length; length++) ExpectNone(message[..length]);
        for (var i = 0; i < 6; i++)
        {
            var other = (byte[])message.Clone();
            other[i] ^= 2;
            ExpectNone(other);
        }

        static void ExpectNone(byte[] bytes)
        {
            var reader = new WireReader(bytes);
            Assert.False(LinkNotice.TryReadNotListed(ref reader, out _));
            Assert.Equal(0, reader.Position);
        }
    }
}
