namespace OrleansPbft.Core.Tests;

/// <summary>The layout of frames, and the bounded queue they wait in.</summary>
public sealed class FrameTests
{
    /// <summary>docs/wire-format.md: length (u32, little-endian) ‖ replica (u8) ‖ envelope.</summary>
    [Fact]
    public void A_frame_is_its_envelope_s_length_the_replica_and_the_envelope()
    {
        Assert.Equal([3, 0, 0, 0, 2, 7, 8, 9], Frame(new byte[] { 7, 8, 9 }, to: 2));
    }

    [Fact]
    public void Frames_are_read_back_one_after_another()
    {
        byte[] message = [.. Frame(new byte[] { 1 }, to: 0), .. Frame(Array.Empty<byte>(), to: 3)];
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
        var message = Frame(LinkNotice.OfNotListed(client), to: LinkNotice.Replica);
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

    /// <summary>What is cut back when a link is lost: the oldest, and no more of them than must go.</summary>
    [Fact]
    public void The_oldest_frames_are_dropped_until_little_enough_waits()
    {
        var frames = new OutgoingFrames(bytesMax: 1000);
        for (byte i = 0; i < 4; i++) Assert.True(frames.TryAdd(new(i), new byte[10]));

        Assert.Equal(0, frames.DropOldest(4 * LinkFrame.BytesOf(10)));
        Assert.Equal(2, frames.DropOldest((3 * LinkFrame.BytesOf(10)) - 1));
        Assert.Equal((2, 2 * LinkFrame.BytesOf(10)), (frames.Count, frames.Bytes));
        var message = new byte[frames.NextMessageBytes(1000)];
        frames.TakeMessage(message);
        Assert.Equal((2, 3), (message[4], message[LinkFrame.BytesOf(10) + 4]));
    }

    /// <summary>All the room may be used, and not a byte more.</summary>
    [Fact]
    public void Room_is_counted_to_the_byte()
    {
        var frames = new OutgoingFrames(bytesMax: LinkFrame.BytesOf(10) + LinkFrame.BytesOf(5));
        Assert.True(frames.TryAdd(new(0), new byte[10]));
        Assert.False(frames.HasRoom(6));
        Assert.True(frames.HasRoom(5));
        Assert.Equal(0, frames.AddDroppingOldest(new(1), new byte[5]));
        Assert.Equal(2, frames.AddDroppingOldest(new(2), new byte[15 + LinkFrame.HeaderBytes])); // as large as all the room there is
        Assert.Equal((1, LinkFrame.BytesOf(10) + LinkFrame.BytesOf(5)), (frames.Count, frames.Bytes));

        frames.Clear();
        Assert.Equal((0, 0, 0), (frames.Count, frames.Bytes, frames.NextMessageBytes(100)));
        Assert.True(frames.TryAdd(new(0), new byte[10]));
        Assert.Equal(LinkFrame.BytesOf(10), frames.NextMessageBytes(LinkFrame.BytesOf(10))); // what fits just so, fits
        Assert.True(frames.TryAdd(new(0), new byte[5]));
        Assert.Equal(frames.Bytes, frames.NextMessageBytes(frames.Bytes));
        Assert.Equal(LinkFrame.BytesOf(10), frames.NextMessageBytes(frames.Bytes - 1));
    }

    /// <summary>An envelope as long as may be is read; its replica is checked against the cluster's.</summary>
    [Fact]
    public void The_longest_envelope_and_the_last_replica_are_read()
    {
        var reader = new WireReader(Frame(new byte[100], to: 3));

        Assert.Equal(RejectReason.None, LinkFrame.TryRead(ref reader, 4, 100, out var replica, out var envelope));
        Assert.Equal((3, 100), (replica.Index, envelope.Length));
    }

    /// <summary>docs/wire-format.md: 56, 0, 0, 0 ‖ 255 ‖ 2 ‖ the trace parent in ASCII. Nothing that steers a terminal is taken for one.</summary>
    [Fact]
    public void A_trace_is_read_as_one_and_never_as_an_envelope()
    {
        const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var message = Frame(LinkNotice.OfTrace(Parent)!, to: LinkNotice.Replica);
        var reader = new WireReader(message);
        var asFrame = new WireReader(message);

        Assert.Equal([56, 0, 0, 0, 255, 2, (byte)'0'], message[..7]);
        Assert.True(LinkNotice.TryReadTrace(ref reader, out var told));
        Assert.Equal((Parent, 0), (told, reader.Remaining));
        Assert.Equal(RejectReason.SenderNotInCluster, LinkFrame.TryRead(ref asFrame, ClusterSize.ReplicasMax, 100, out _, out _));
        for (var length = 0; length < message.Length; length++) ExpectNone(message[..length]);
        for (var i = 0; i < 6; i++) ExpectNone(With(i, (byte)(message[i] ^ 4)));
        foreach (var steering in new byte[] { 0, 27, 31, 127, 128, 255 }) ExpectNone(With(20, steering));
        Assert.Null(LinkNotice.OfTrace(Parent[1..]));
        Assert.Null(LinkNotice.OfTrace(Parent + "0"));
        Assert.Null(LinkNotice.OfTrace("é" + Parent[1..]));

        byte[] With(int at, byte value)
        {
            var other = (byte[])message.Clone();
            other[at] = value;
            return other;
        }

        static void ExpectNone(byte[] bytes)
        {
            var reader = new WireReader(bytes);
            Assert.False(LinkNotice.TryReadTrace(ref reader, out var none));
            Assert.Equal((0, null), (reader.Position, none));
        }
    }

    /// <summary>A notice without its envelope would be taken for the next one's: both find room, or neither.</summary>
    [Fact]
    public void A_notice_and_its_envelope_find_room_together()
    {
        var notice = new byte[6];
        var frames = new OutgoingFrames(bytesMax: LinkFrame.BytesOf(10) + LinkFrame.BytesOf(notice.Length));

        Assert.False(frames.TryAdd(new(3), new byte[11], notice));
        Assert.Equal(0, frames.Count);
        Assert.True(frames.TryAdd(new(3), new byte[10], notice));
        var message = new byte[frames.NextMessageBytes(1000)];
        frames.TakeMessage(message);

        Assert.Equal((LinkNotice.Replica, 3), (message[4], message[LinkFrame.BytesOf(notice.Length) + 4]));
        Assert.Equal(0, frames.Bytes);
    }

    private static byte[] Frame(ReadOnlyMemory<byte> envelope, int to = 0)
    {
        var frame = new byte[LinkFrame.BytesOf(envelope.Length)];
        var writer = new WireWriter(frame);
        LinkFrame.Write(ref writer, new(to), envelope.Span);
        return frame;
    }
}
