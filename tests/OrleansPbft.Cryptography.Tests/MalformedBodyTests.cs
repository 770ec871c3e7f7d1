using OrleansPbft.Core;
using static OrleansPbft.Cryptography.Tests.TestCluster;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>A faulty replica or client can sign anything: what it signs is still held to the format and its limits (A-4, LESSONS B37).</summary>
public sealed class MalformedBodyTests : IDisposable
{
    private const long TooHigh = WireLimits.NumberMax + 1;

    private readonly TestCluster _cluster = new();

    [Theory]
    [InlineData(0, 1, RejectReason.None)]
    [InlineData(WireLimits.NumberMax, WireLimits.NumberMax, RejectReason.None)]
    [InlineData(-1, 1, RejectReason.Malformed)]
    [InlineData(TooHigh, 1, RejectReason.Malformed)]
    [InlineData(long.MaxValue, 1, RejectReason.Malformed)]
    [InlineData(0, 0, RejectReason.Malformed)]
    [InlineData(0, -1, RejectReason.Malformed)]
    [InlineData(0, TooHigh, RejectReason.Malformed)]
    [InlineData(0, long.MinValue, RejectReason.Malformed)]
    public void The_numbers_of_a_vote_or_proposal(long view, long sequence, RejectReason expected)
    {
        var payload = BatchEncoding.Null.Encoding.ToArray();
        var body = Forge.Body((ref WireWriter w) => MessageEncoding.WriteProposal(ref w, new(view), new(sequence), BatchEncoding.Null.Digest));

        Expect(expected, Forge.ByReplica(_cluster, MessageKind.Prepare, body));
        Expect(expected, Forge.ByReplica(_cluster, MessageKind.Commit, body));
        Expect(expected, Forge.ByReplica(_cluster, MessageKind.PrePrepare, body, payload: payload));
    }

    [Theory]
    [InlineData(1, RejectReason.None)]
    [InlineData(0, RejectReason.Malformed)]
    [InlineData(-128, RejectReason.Malformed)]
    [InlineData(TooHigh, RejectReason.Malformed)]
    public void The_number_of_a_checkpoint(long sequence, RejectReason expected) =>
        Expect(expected, Forge.ByReplica(_cluster, MessageKind.Checkpoint, Forge.Body((ref WireWriter w) =>
            new Checkpoint(new(sequence), default, R0).WriteBody(ref w))));

    [Theory]
    [InlineData(0, 0, 0, RejectReason.None)]
    [InlineData(-1, 0, 0, RejectReason.Malformed)]
    [InlineData(0, -1, 0, RejectReason.Malformed)]
    [InlineData(0, 0, -1, RejectReason.Malformed)]
    [InlineData(0, 0, TooHigh, RejectReason.Malformed)]
    public void The_numbers_of_a_status(long view, long stable, long executed, RejectReason expected) =>
        Expect(expected, Forge.ByReplica(_cluster, MessageKind.Status, Forge.Body((ref WireWriter w) =>
            new Status(new(view), true, new(stable), new(executed), R0).WriteBody(ref w))));

    [Theory]
    [InlineData(0, RejectReason.None)]
    [InlineData(1, RejectReason.None)]
    [InlineData(2, RejectReason.Malformed)]
    [InlineData(255, RejectReason.Malformed)]
    public void Whether_the_view_of_a_status_is_active_is_a_yes_or_a_no(byte active, RejectReason expected)
    {
        var body = Forge.Body(new Status(new(3), true, new(128), new(130), R0).WriteBody);
        body[8] = active;

        Expect(expected, Forge.ByReplica(_cluster, MessageKind.Status, body));
        Expect(RejectReason.Malformed, Forge.ByReplica(_cluster, MessageKind.Status, body[..^1]));
    }

    [Theory]
    [InlineData(0, 0, 0, false, RejectReason.None)]
    [InlineData(9, 5, 7, true, RejectReason.None)]
    [InlineData(9, 5, 7, false, RejectReason.None)]
    [InlineData(0, 0, 0, true, RejectReason.Malformed)] // for whom?
    [InlineData(-1, 0, 0, false, RejectReason.Malformed)]
    [InlineData(TooHigh, 0, 0, false, RejectReason.Malformed)]
    [InlineData(0, -1, 0, false, RejectReason.Malformed)]
    [InlineData(0, TooHigh, 0, false, RejectReason.Malformed)]
    [InlineData(0, 0, -1, false, RejectReason.Malformed)]
    [InlineData(0, 0, -1, true, RejectReason.Malformed)]
    [InlineData(0, 0, TooHigh, false, RejectReason.Malformed)]
    public void What_a_status_says_of_lives(long prepared, long life, long echo, bool vouches, RejectReason expected) =>
        Expect(expected, Forge.ByReplica(_cluster, MessageKind.Status, Forge.Body((ref WireWriter w) =>
            new Status(new(0), true, new(0), new(0), R0) { HighestPrepared = new(prepared), Life = life, Echo = echo, Vouches = vouches }.WriteBody(ref w))));

    [Theory]
    [InlineData(1, RejectReason.None)]
    [InlineData(2, RejectReason.Malformed)]
    [InlineData(255, RejectReason.Malformed)]
    public void Whether_a_status_vouches_is_a_yes_or_a_no(byte vouches, RejectReason expected)
    {
        var body = Forge.Body(new Status(new(3), true, new(128), new(130), R0) { Echo = 9 }.WriteBody);
        body[^1] = vouches;

        Expect(expected, Forge.ByReplica(_cluster, MessageKind.Status, body));
    }

    [Theory]
    [InlineData(7, 3, 7, 1, RejectReason.None)]
    [InlineData(0, long.MaxValue, 7, 2, RejectReason.None)]
    [InlineData(0, -3, 7, 2, RejectReason.Malformed)]
    [InlineData(7, 3, 0, 3, RejectReason.None)]
    [InlineData(7, 3, 7, 0, RejectReason.Malformed)]
    [InlineData(7, 3, 7, (byte)ReplyStatus.ResultDropped, RejectReason.None)]
    [InlineData(7, 3, 7, (byte)ReplyStatus.ResultDropped + 1, RejectReason.Malformed)]
    [InlineData(7, 0, 7, 1, RejectReason.Malformed)]
    [InlineData(7, -3, 7, 1, RejectReason.Malformed)]
    [InlineData(0, 0, 7, 1, RejectReason.Malformed)]
    [InlineData(-7, 3, 7, 1, RejectReason.Malformed)]
    [InlineData(7, 3, -1, 1, RejectReason.Malformed)]
    public void The_fields_of_a_reply(long requestSession, long number, long session, byte status, RejectReason expected)
    {
        var request = new RequestId(_cluster.Client.Client, new(requestSession), number);
        var reply = new Reply(new(0), request, new(session), new(0), (ReplyStatus)status, default, R0);

        Expect(expected, Forge.ByReplica(_cluster, MessageKind.Reply, Forge.Body((ref WireWriter w) => MessageEncoding.WriteReply(ref w, reply))));
    }

    [Fact]
    public void The_results_of_a_reply_are_bounded_and_fill_it()
    {
        var largest = Body(Limits.ResultsBytesMax);
        var one = Body(1);

        Expect(RejectReason.None, Forge.ByReplica(_cluster, MessageKind.Reply, largest));
        Expect(RejectReason.TooLarge, Forge.ByReplica(_cluster, MessageKind.Reply, Body(Limits.ResultsBytesMax + 1)));
        Expect(RejectReason.Malformed, Forge.ByReplica(_cluster, MessageKind.Reply, [.. one, 0]));
        Expect(RejectReason.Malformed, Forge.ByReplica(_cluster, MessageKind.Reply, one[..^1]));

        byte[] Body(int results) => Forge.Body((ref WireWriter w) => MessageEncoding.WriteReply(ref w, _cluster.Reply(results: results)));
    }

    [Theory]
    [InlineData(MessageKind.Prepare)]
    [InlineData(MessageKind.Commit)]
    [InlineData(MessageKind.Checkpoint)]
    [InlineData(MessageKind.Status)]
    [InlineData(MessageKind.ViewChange)]
    [InlineData(MessageKind.NewView)]
    [InlineData(MessageKind.FetchBatch)]
    [InlineData(MessageKind.Batch)]
    [InlineData(MessageKind.FetchChunks)]
    [InlineData(MessageKind.Chunks)]
    [InlineData(MessageKind.Reply)]
    [InlineData(MessageKind.ReadReply)]
    [InlineData(MessageKind.PrePrepare)]
    public void A_body_that_is_too_short(MessageKind kind)
    {
        var payload = EnvelopeFrame.HasPayload(kind) ? BatchEncoding.Null.Encoding.ToArray() : null;

        Expect(RejectReason.Malformed, Forge.ByReplica(_cluster, kind, [], payload: payload));
        Expect(RejectReason.Malformed, Forge.ByReplica(_cluster, kind, [1, 0, 0, 0, 0, 0, 0, 0, 1], payload: payload));
    }

    [Fact]
    public void A_read_has_a_number_and_operations()
    {
        ExpectRead(RejectReason.None, 1, "op");
        ExpectRead(RejectReason.None, long.MaxValue, "op", "");
        ExpectRead(RejectReason.Malformed, 0, "op");
        ExpectRead(RejectReason.Malformed, -1, "op");
        ExpectRead(RejectReason.Malformed, 1);
        ExpectRead(RejectReason.None, 1, new string[Options.OperationsMax].Select(static _ => "").ToArray());
        ExpectRead(RejectReason.TooLarge, 1, new string[Options.OperationsMax + 1].Select(static _ => "").ToArray());
        Expect(RejectReason.Malformed, Forge.ByClient(_cluster, [.. ReadBody(1, "op"), 0], kind: MessageKind.Read));
        Expect(RejectReason.Malformed, Forge.ByClient(_cluster, ReadBody(1, "op")[..^1], kind: MessageKind.Read));
        Expect(RejectReason.Malformed, Forge.ByClient(_cluster, [], kind: MessageKind.Read));

        void ExpectRead(RejectReason expected, long number, params string[] operations) =>
            Expect(expected, Forge.ByClient(_cluster, ReadBody(number, operations), kind: MessageKind.Read));

        static byte[] ReadBody(long number, params string[] operations) =>
            Forge.Body((ref WireWriter w) => MessageEncoding.WriteRead(ref w, number, operations.Select(Bytes).ToArray()));
    }

    [Fact]
    public void A_read_is_never_part_of_a_batch()
    {
        var read = new Request(default, [], _cluster.Client.SealRead(1, [Bytes("get a")]).Envelope);

        Expect(RejectReason.BadRequestInBatch, Forge.Proposal(_cluster, BatchEncoding.Encode(new(0), [read]).Encoding.ToArray()));
    }

    [Theory]
    [InlineData(0, 1, 0, 0, 1, RejectReason.None)]
    [InlineData(2, long.MaxValue, 9, 8, 2, RejectReason.None)]
    [InlineData(-1, 1, 0, 0, 1, RejectReason.Malformed)]
    [InlineData(0, 0, 0, 0, 1, RejectReason.Malformed)]
    [InlineData(0, -1, 0, 0, 1, RejectReason.Malformed)]
    [InlineData(0, 1, -1, 0, 1, RejectReason.Malformed)]
    [InlineData(0, 1, 0, -1, 1, RejectReason.Malformed)]
    [InlineData(0, 1, TooHigh, 0, 1, RejectReason.Malformed)]
    [InlineData(0, 1, 0, TooHigh, 1, RejectReason.Malformed)]
    [InlineData(0, 1, 0, 0, 0, RejectReason.Malformed)]
    [InlineData(0, 1, 0, 0, 3, RejectReason.Malformed)]
    public void The_fields_of_a_reply_to_a_read(long view, long number, long executed, long prepared, byte status, RejectReason expected)
    {
        var reply = new ReadReply(new(view), _cluster.Client.Client, number, new(executed), new(prepared), (ReadStatus)status, new byte[3], R0);
        var body = Forge.Body((ref WireWriter w) => MessageEncoding.WriteReadReply(ref w, reply));

        Expect(expected, Forge.ByReplica(_cluster, MessageKind.ReadReply, body));
        Expect(RejectReason.Malformed, Forge.ByReplica(_cluster, MessageKind.ReadReply, [.. body, 0]));
        Expect(RejectReason.Malformed, Forge.ByReplica(_cluster, MessageKind.ReadReply, body[..^1]));
    }

    [Fact]
    public void The_results_of_a_reply_to_a_read_are_bounded()
    {
        Expect(RejectReason.None, Forge.ByReplica(_cluster, MessageKind.ReadReply, Body(Limits.ResultsBytesMax)));
        Expect(RejectReason.TooLarge, Forge.ByReplica(_cluster, MessageKind.ReadReply, Body(Limits.ResultsBytesMax + 1)));

        byte[] Body(int results) => Forge.Body((ref WireWriter w) => MessageEncoding.WriteReadReply(ref w, _cluster.ReadReply(results: results)));
    }

    [Fact]
    public void A_request_has_operations_or_opens_a_session_and_not_both()
    {
        ExpectRequest(RejectReason.Malformed, session: 0, number: 1, "op");
        ExpectRequest(RejectReason.Malformed, session: 7, number: 1);
        ExpectRequest(RejectReason.Malformed, session: 0, number: 0);
        ExpectRequest(RejectReason.Malformed, session: 0, number: -1);
        ExpectRequest(RejectReason.Malformed, session: 0, number: long.MinValue);
        ExpectRequest(RejectReason.None, session: 0, number: long.MaxValue);
        ExpectRequest(RejectReason.Malformed, session: 7, number: 0, "op");
        ExpectRequest(RejectReason.Malformed, session: 7, number: -1, "op");
        ExpectRequest(RejectReason.Malformed, session: 7, number: TooHigh, "op");
        ExpectRequest(RejectReason.Malformed, session: -7, number: 1, "op");
        ExpectRequest(RejectReason.Malformed, session: TooHigh, number: 1, "op");
        ExpectRequest(RejectReason.None, session: 7, number: WireLimits.NumberMax, "op");
    }

    [Fact]
    public void A_request_bundles_no_more_operations_than_allowed()
    {
        ExpectRequest(RejectReason.None, 7, 1, new string[Options.OperationsMax].Select(_ => "").ToArray());
        ExpectRequest(RejectReason.TooLarge, 7, 1, new string[Options.OperationsMax + 1].Select(_ => "").ToArray());
    }

    [Fact]
    public void The_lengths_in_a_request_must_fill_it_exactly()
    {
        var body = RequestBody(7, 1, "one", "two");

        Expect(RejectReason.Malformed, Forge.ByClient(_cluster, [.. body, 0]));
        Expect(RejectReason.Malformed, Forge.ByClient(_cluster, body[..^1]));
        Expect(RejectReason.Malformed, Forge.ByClient(_cluster, body[..20]));
        Expect(RejectReason.Malformed, Forge.ByClient(_cluster, body[..10]));
        Expect(RejectReason.TooLarge, Forge.ByClient(_cluster, [.. body[..16], 0xFF, 0xFF, 0xFF, 0xFF, .. body[20..]]));
    }

    [Fact]
    public void A_request_fills_its_bytes_to_the_last()
    {
        var room = Options.RequestBytesMax - (int)MessageEncoding.RequestEnvelopeBytes(1, 0);

        var largest = _cluster.Client.SealRequest(Session, 1, [new byte[room]]);

        Assert.Equal(Options.RequestBytesMax, largest.Envelope.Length);
        Expect(RejectReason.None, largest.Envelope.ToArray());
        Assert.Throws<ArgumentException>(() => _cluster.Client.SealRequest(Session, 1, [new byte[room + 1]]));
        Expect(RejectReason.TooLarge, Forge.ByClient(_cluster, RequestBody(7, 1, new string('x', room + 1))));
    }

    [Fact]
    public void The_client_library_refuses_to_seal_what_no_replica_would_take()
    {
        ReadOnlyMemory<byte>[] one = [Bytes("op")];

        Assert.Throws<ArgumentException>(() => _cluster.Client.SealRequest(Session, 0, one));
        Assert.Throws<ArgumentException>(() => _cluster.Client.SealRequest(Session, TooHigh, one));
        Assert.Throws<ArgumentException>(() => _cluster.Client.SealRequest(SessionId.None, 1, one));
        Assert.Throws<ArgumentException>(() => _cluster.Client.SealRequest(Session, 1, []));
        Assert.Throws<ArgumentException>(() => _cluster.Client.SealRequest(Session, 1, new ReadOnlyMemory<byte>[Options.OperationsMax + 1]));
        Assert.Throws<ArgumentException>(() => _cluster.Client.SealOpenSession(0));
        Assert.Throws<ArgumentException>(() => _cluster.Client.SealOpenSession(-1));
    }

    [Fact]
    public void A_batch_holds_nothing_but_authentic_requests()
    {
        var good = _cluster.Request().Envelope.ToArray();
        var vote = _cluster.Sealer(R0).Seal(new Vote(VotePhase.Prepare, new(0), new(5), default, R0));
        var foreign = Forge.ByClient(_cluster, RequestBody(7, 1, "op"), id: new(1));
        var malformed = Forge.ByClient(_cluster, RequestBody(7, 0, "op"));
        var otherKind = Forge.ByClient(_cluster, RequestBody(0, 9), kind: MessageKind.Checkpoint); // signed as that, and reads as a request
        byte[] altered = [.. good[..^1], (byte)(good[^1] ^ 1)];

        ExpectBatch(RejectReason.None, good, good);
        ExpectBatch(RejectReason.BadRequestInBatch, good, vote);
        ExpectBatch(RejectReason.BadRequestInBatch, good, []);
        ExpectBatch(RejectReason.BadRequestInBatch, good[..^1]);
        ExpectBatch(RejectReason.BadRequestInBatch, [.. good, 0]);
        ExpectBatch(RejectReason.BadRequestInBatch, good, altered);
        ExpectBatch(RejectReason.BadRequestInBatch, foreign);
        ExpectBatch(RejectReason.BadRequestInBatch, malformed);
        ExpectBatch(RejectReason.BadRequestInBatch, otherKind);
        ExpectBatch(RejectReason.BadRequestInBatch, Forge.WithSeal(good, 0));
        ExpectBatch(RejectReason.BadRequestInBatch, _cluster.Sealer(R0).Seal(Proposal(_cluster.Request())));
    }

    [Fact]
    public void A_batch_keeps_within_its_limits()
    {
        var small = _cluster.Request().Envelope.ToArray();
        var large = _cluster.Client.SealRequest(Session, 1, [new byte[3900]]).Envelope.ToArray();

        ExpectBatch(RejectReason.None, [.. Enumerable.Repeat(small, Options.BatchMax)]);
        ExpectBatch(RejectReason.TooLarge, [.. Enumerable.Repeat(small, Options.BatchMax + 1)]);
        ExpectBatch(RejectReason.None, large, large);
        ExpectBatch(RejectReason.TooLarge, large, large, large);
    }

    [Theory]
    [InlineData(0, RejectReason.None)]
    [InlineData(WireLimits.TimestampMax, RejectReason.None)]
    [InlineData(-1, RejectReason.Malformed)]
    [InlineData(WireLimits.TimestampMax + 1, RejectReason.Malformed)]
    [InlineData(long.MaxValue, RejectReason.Malformed)]
    public void A_batch_has_a_timestamp_that_can_be_reckoned_with(long microseconds, RejectReason expected)
    {
        var batch = BatchEncoding.Encode(new(microseconds), [_cluster.Request()]);

        Expect(expected, Forge.Proposal(_cluster, batch.Encoding.ToArray()));
    }

    [Fact]
    public void The_lengths_in_a_batch_must_fill_it_exactly()
    {
        var payload = BatchEncoding.Encode(new(1), [_cluster.Request()]).Encoding.ToArray();

        Expect(RejectReason.Malformed, Forge.Proposal(_cluster, []));
        Expect(RejectReason.Malformed, Forge.Proposal(_cluster, [.. payload, 0]));
        Expect(RejectReason.Malformed, Forge.Proposal(_cluster, payload[..^1]));
        Expect(RejectReason.TooLarge, Forge.Proposal(_cluster, [.. payload[..8], 0xFF, 0xFF, 0xFF, 0xFF, .. payload[12..]]));
        Expect(RejectReason.TooLarge, Forge.Proposal(_cluster, new byte[Limits.BatchEncodingBytesMax + 1]));
    }

    public void Dispose() => _cluster.Dispose();

    private static byte[] RequestBody(long session, long number, params string[] operations) => Forge.Body((ref WireWriter w) =>
        MessageEncoding.WriteRequest(ref w, new(session), number, [.. operations.Select(Bytes)]));

    private void ExpectRequest(RejectReason expected, long session, long number, params string[] operations) =>
        Expect(expected, Forge.ByClient(_cluster, RequestBody(session, number, operations)));

    private void ExpectBatch(RejectReason expected, params byte[][] envelopes)
    {
        var batch = BatchEncoding.Encode(new(1), [.. envelopes.Select(envelope => new Request(default, [], envelope))]);
        Expect(expected, Forge.Proposal(_cluster, batch.Encoding.ToArray()));
    }

    private void Expect(RejectReason expected, byte[] envelope) => Assert.Equal(expected, _cluster.Opener().TryOpen(envelope, out _));
}
