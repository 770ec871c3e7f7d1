using System.Collections.Immutable;

namespace OrleansPbft.Core.Tests;

/// <summary>A batch has one encoding, and its digest covers all of it (A-4, LESSONS B17).</summary>
public sealed class BatchEncodingTests
{
    private static readonly WireLimits Limits = new(new() { Cluster = new(4), BatchMax = 4, BatchBytesMax = 2048, RequestBytesMax = 1024 });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void A_batch_reads_as_it_was_written(int count)
    {
        var envelopes = Enumerable.Range(0, count).Select(i => new byte[i * 100]).ToArray();
        var batch = Encode(1_700_000_000_000_000, envelopes);

        var reason = BatchEncoding.TryRead(batch.Encoding, Limits, out var timestamp, out var read);

        Assert.Equal(RejectReason.None, reason);
        Assert.Equal(batch.Timestamp, timestamp);
        Assert.Equal(envelopes, read.Select(envelope => envelope.ToArray()));
        Assert.Equal(batch.Digest, BatchEncoding.DigestOf(batch.Encoding.Span));
    }

    [Fact]
    public void Every_byte_of_a_batch_is_in_its_digest()
    {
        var batch = Encode(1, [1, 2, 3], [4]);
        var bytes = batch.Encoding.ToArray();

        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.NotEqual(batch.Digest, BatchEncoding.DigestOf(bytes));
            bytes[i] ^= 1;
        }
    }

    [Fact]
    public void A_batch_of_the_same_bytes_cut_otherwise_is_another_batch()
    {
        Assert.NotEqual(Encode(1, [1, 2], [3]).Digest, Encode(1, [1], [2, 3]).Digest);
        Assert.NotEqual(Encode(1, [[]]).Digest, Encode(1).Digest);
    }

    [Fact]
    public void What_is_not_exactly_a_batch_is_malformed()
    {
        var encoding = Encode(1, [1, 2, 3], [4]).Encoding.ToArray();

        for (var length = 0; length < encoding.Length; length++) Expect(RejectReason.Malformed, encoding[..length]);
        Expect(RejectReason.Malformed, [.. encoding, 0]);
        Expect(RejectReason.Malformed, Encode(-1).Encoding.ToArray());
        Expect(RejectReason.Malformed, Encode(WireLimits.TimestampMax + 1).Encoding.ToArray());
        Expect(RejectReason.None, Encode(WireLimits.TimestampMax).Encoding.ToArray());
    }

    [Fact]
    public void A_batch_keeps_within_its_limits()
    {
        Expect(RejectReason.None, Encode(1, [], [], [], []).Encoding.ToArray());
        Expect(RejectReason.TooLarge, Encode(1, [], [], [], [], []).Encoding.ToArray());
        Expect(RejectReason.None, Encode(1, new byte[1024], new byte[1024]).Encoding.ToArray());
        Expect(RejectReason.TooLarge, Encode(1, new byte[1024], new byte[1025]).Encoding.ToArray());
    }

    /// <summary>The difference of any two timestamps that can arrive is a span of time: no step can overflow on one.</summary>
    [Fact]
    public void Timestamps_can_be_reckoned_with() =>
        Assert.True(new Instant(WireLimits.TimestampMax).Since(new Instant(0)) > TimeSpan.Zero);

    private static Batch Encode(long timestamp, params byte[][] envelopes) =>
        BatchEncoding.Encode(new(timestamp), [.. envelopes.Select(envelope => new Request(default, ImmutableArray<ReadOnlyMemory<byte>>.Empty, envelope))]);

    private static void Expect(RejectReason expected, byte[] encoding) =>
        Assert.Equal(expected, BatchEncoding.TryRead(encoding, Limits, out _, out _));
}
