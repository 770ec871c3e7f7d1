using OrleansPbft.Core;
using static OrleansPbft.Cryptography.Tests.TestCluster;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>Questions for batches and chunks, their answers and suspicions, signed and yet not to the format (A-4, N-8). Here K = 128.</summary>
public sealed class MalformedFetchTests : IDisposable
{
    private const long TooHigh = WireLimits.NumberMax + 1;

    private readonly TestCluster _cluster = new();

    [Theory]
    [InlineData(0, RejectReason.None)]
    [InlineData(WireLimits.NumberMax, RejectReason.None)]
    [InlineData(-1, RejectReason.Malformed)]
    [InlineData(TooHigh, RejectReason.Malformed)]
    [InlineData(long.MinValue, RejectReason.Malformed)]
    public void The_view_of_a_suspicion(long view, RejectReason expected) =>
        Expect(expected, MessageKind.Suspect, Forge.Body(new Suspect(new(view), R0).WriteBody));

    [Theory]
    [InlineData(1, RejectReason.None)]
    [InlineData(WireLimits.NumberMax, RejectReason.None)]
    [InlineData(0, RejectReason.Malformed)]
    [InlineData(-1, RejectReason.Malformed)]
    [InlineData(TooHigh, RejectReason.Malformed)]
    public void The_number_of_a_batch_asked_for_or_sent(long sequence, RejectReason expected)
    {
        Expect(expected, MessageKind.FetchBatch, Forge.Body(new FetchBatch(new(sequence), Digest.Of("d"u8), R0).WriteBody));
        Expect(expected, MessageKind.Batch, Forge.Body(new FetchedBatch(new(sequence), BatchEncoding.Null, R0).WriteBody), BatchEncoding.Null.Encoding.ToArray());
    }

    [Fact]
    public void A_batch_that_was_fetched_is_held_to_what_a_proposed_one_is()
    {
        var good = BatchEncoding.Encode(new(1), [_cluster.Request()]).Encoding.ToArray();
        var forged = Forge.WithSeal(_cluster.Request().Envelope.ToArray(), (byte)SealType.None);
        var notARequest = _cluster.Sealer(R0).Seal(new Suspect(new(1), R0));

        ExpectBatch(RejectReason.None, good);
        ExpectBatch(RejectReason.Malformed, []);
        ExpectBatch(RejectReason.Malformed, [.. good, 0]);
        ExpectBatch(RejectReason.Malformed, good[..^1]);
        ExpectBatch(RejectReason.Malformed, BatchEncoding.Encode(new(-1), []).Encoding.ToArray());
        ExpectBatch(RejectReason.TooLarge, new byte[Limits.BatchEncodingBytesMax + 1]);
        ExpectBatch(RejectReason.BadRequestInBatch, BatchEncoding.Encode(new(1), [new(default, [], forged)]).Encoding.ToArray());
        ExpectBatch(RejectReason.BadRequestInBatch, BatchEncoding.Encode(new(1), [new(default, [], notARequest)]).Encoding.ToArray());
        Expect(RejectReason.DigestMismatch, MessageKind.Batch, NameOf(good), BatchEncoding.Null.Encoding.ToArray());
    }

    [Theory]
    [InlineData(128, RejectReason.None)]
    [InlineData(WireLimits.NumberMax - 127, RejectReason.None)]
    [InlineData(0, RejectReason.Malformed)]
    [InlineData(1, RejectReason.Malformed)]
    [InlineData(64, RejectReason.Malformed)]
    [InlineData(129, RejectReason.Malformed)]
    [InlineData(-128, RejectReason.Malformed)]
    [InlineData(TooHigh, RejectReason.Malformed)]
    [InlineData(long.MinValue, RejectReason.Malformed)]
    public void The_checkpoint_whose_chunks_they_are(long sequence, RejectReason expected)
    {
        Expect(expected, MessageKind.FetchChunks, Fetch(sequence, PeerMessages.IdBytes(0, 0, 0)));
        Expect(expected, MessageKind.Chunks, Answer(sequence, (PeerMessages.IdBytes(0, 0, 0), 1)));
    }

    [Fact]
    public void One_to_64_chunks_are_asked_for_and_none_to_64_sent()
    {
        var ids = Enumerable.Range(0, FetchChunks.IdsMax + 1).Select(i => PeerMessages.IdBytes(1, 0, 2, (byte)i)).ToArray();

        Expect(RejectReason.None, MessageKind.FetchChunks, Fetch(128, ids[..^1]));
        Expect(RejectReason.Malformed, MessageKind.FetchChunks, Fetch(128));
        Expect(RejectReason.TooLarge, MessageKind.FetchChunks, Fetch(128, ids));
        Expect(RejectReason.TooLarge, MessageKind.FetchChunks, [.. Fetch(128)[..8], 65, 0, 0, 0, .. ids[0]]);
        Expect(RejectReason.TooLarge, MessageKind.FetchChunks, [.. Fetch(128)[..8], 0xFF, 0xFF, 0xFF, 0xFF, .. ids[0]]);
        Expect(RejectReason.None, MessageKind.Chunks, Answer(128));
        Expect(RejectReason.None, MessageKind.Chunks, Answer(128, [.. ids[..^1].Select(static id => (id, 1))]));
        Expect(RejectReason.TooLarge, MessageKind.Chunks, Answer(128, [.. ids.Select(static id => (id, 1))]));
        Expect(RejectReason.TooLarge, MessageKind.Chunks, [.. Answer(128)[..8], 0xFF, 0xFF, 0xFF, 0xFF]);
    }

    [Fact]
    public void Each_chunk_is_asked_for_and_sent_once()
    {
        var (one, two) = (PeerMessages.IdBytes(1, 0, 2, 0xAB), PeerMessages.IdBytes(1, 1, 2, 0xAB));

        Expect(RejectReason.None, MessageKind.FetchChunks, Fetch(128, one, two));
        Expect(RejectReason.Malformed, MessageKind.FetchChunks, Fetch(128, one, two, one));
        Expect(RejectReason.None, MessageKind.Chunks, Answer(128, (one, 3), (two, 3)));
        Expect(RejectReason.Malformed, MessageKind.Chunks, Answer(128, (one, 3), (two, 3), (one, 4)));
    }

    [Theory]
    [InlineData(0, 0, 0, new byte[0], RejectReason.None)]
    [InlineData(1, 0, 0, new byte[0], RejectReason.None)]
    [InlineData(2, 1, 0, new byte[0], RejectReason.None)]
    [InlineData(1, 1, 3, new byte[] { 0xAB, 0xC0 }, RejectReason.None)]
    [InlineData(2, 0, 63, new byte[] { 0xAB }, RejectReason.None)]
    [InlineData(2, 0, 64, new byte[] { 0xAB }, RejectReason.None)]
    [InlineData(3, 0, 0, new byte[0], RejectReason.Malformed)]
    [InlineData(255, 0, 0, new byte[0], RejectReason.Malformed)]
    [InlineData(1, 2, 0, new byte[0], RejectReason.Malformed)]
    [InlineData(1, 0, 65, new byte[] { 0xAB }, RejectReason.Malformed)]
    [InlineData(1, 0, 255, new byte[] { 0xAB }, RejectReason.Malformed)]
    [InlineData(1, 0, 0, new byte[] { 0x10 }, RejectReason.Malformed)]
    [InlineData(1, 1, 3, new byte[] { 0xAB, 0xC1 }, RejectReason.Malformed)]
    [InlineData(1, 0, 2, new byte[] { 0xAB, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, RejectReason.Malformed)]
    [InlineData(1, 1, 64, new byte[] { 0xAB }, RejectReason.Malformed)]
    [InlineData(0, 1, 0, new byte[0], RejectReason.Malformed)]
    [InlineData(0, 0, 1, new byte[] { 0xA0 }, RejectReason.Malformed)]
    [InlineData(0, 0, 0, new byte[] { 0xA0 }, RejectReason.Malformed)]
    public void A_place_is_written_in_one_way(byte section, byte whole, byte depth, byte[] digits, RejectReason expected)
    {
        var id = PeerMessages.IdBytes(section, whole, depth, digits);

        Expect(expected, MessageKind.FetchChunks, Fetch(128, id));
        Expect(expected, MessageKind.Chunks, Answer(128, (id, 5)));
    }

    [Fact]
    public void A_chunk_is_no_longer_than_a_chunk_can_be()
    {
        var id = PeerMessages.IdBytes(2, 0, 64, 0xAB);

        Expect(RejectReason.None, MessageKind.Chunks, Answer(128, (id, Limits.ChunkBytesMax)));
        Expect(RejectReason.TooLarge, MessageKind.Chunks, Answer(128, (id, Limits.ChunkBytesMax + 1)));
        Expect(RejectReason.TooLarge, MessageKind.Chunks, [.. Answer(128, (id, 0))[..^4], 0xFF, 0xFF, 0xFF, 0xFF]);
        Expect(RejectReason.TooLarge, MessageKind.Chunks, new byte[Limits.ChunksBodyBytesMax + 1]);
    }

    [Fact]
    public void The_counts_and_lengths_must_fill_the_body_exactly()
    {
        var fetch = Fetch(128, PeerMessages.IdBytes(0, 0, 0), PeerMessages.IdBytes(1, 1, 0));
        var answer = Answer(128, (PeerMessages.IdBytes(0, 0, 0), 3), (PeerMessages.IdBytes(1, 1, 0), 0));

        Expect(RejectReason.None, MessageKind.FetchChunks, fetch);
        Expect(RejectReason.None, MessageKind.Chunks, answer);
        Expect(RejectReason.Malformed, MessageKind.FetchChunks, [.. fetch, 0]);
        Expect(RejectReason.Malformed, MessageKind.Chunks, [.. answer, 0]);
        for (var length = 0; length < fetch.Length; length++) Expect(RejectReason.Malformed, MessageKind.FetchChunks, fetch[..length]);
        for (var length = 0; length < answer.Length; length++) Expect(RejectReason.Malformed, MessageKind.Chunks, answer[..length]);
    }

    public void Dispose() => _cluster.Dispose();

    private static byte[] NameOf(byte[] batch) => Forge.Body((ref WireWriter writer) =>
    {
        writer.WriteInt64(5);
        writer.WriteDigest(BatchEncoding.DigestOf(batch));
    });

    private static byte[] Fetch(long sequence, params byte[][] ids) => Forge.Body((ref WireWriter writer) =>
    {
        writer.WriteInt64(sequence);
        writer.WriteLength(ids.Length);
        foreach (var id in ids) writer.WriteBytes(id);
    });

    private static byte[] Answer(long sequence, params (byte[] Id, int Bytes)[] chunks) => Forge.Body((ref WireWriter writer) =>
    {
        writer.WriteInt64(sequence);
        writer.WriteLength(chunks.Length);
        foreach (var (id, bytes) in chunks)
        {
            writer.WriteBytes(id);
            writer.WriteLength(bytes);
            writer.WriteBytes(new byte[bytes]);
        }
    }, Limits.EnvelopeBytesMax);

    private void ExpectBatch(RejectReason expected, byte[] payload) => Expect(expected, MessageKind.Batch, NameOf(payload), payload);

    private void Expect(RejectReason expected, MessageKind kind, byte[] body, byte[]? payload = null) =>
        Assert.Equal(expected, _cluster.Opener().TryOpen(Forge.ByReplica(_cluster, kind, body, payload: payload), out _));
}
