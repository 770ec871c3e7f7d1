namespace OrleansPbft.Core.Tests;

/// <summary>The limits of the wire follow from the options, and hold for whatever a correct replica may say (A-4, N-8).</summary>
public sealed class WireLimitsTests
{
    [Fact]
    public void The_largest_options_overflow_no_limit()
    {
        var options = new ProtocolOptions
        {
            Cluster = new(64),
            CheckpointInterval = 1,
            LogWindow = 16_384,
            BatchMax = 65_535,
            BatchBytesMax = 128 << 20,
            RequestBytesMax = 64 << 20,
            OperationsMax = 65_535,
            ResultBytesMax = 64 << 20,
            SessionReplyBytesMax = 256 << 20,
            PendingBytesMax = 64 << 20,
        };
        var limits = new WireLimits(options);

        Assert.Empty(options.Problems());
        Assert.True(limits.BatchEncodingBytesMax > options.BatchBytesMax);
        Assert.True(limits.EnvelopeBytesMax > limits.BatchEncodingBytesMax);
        Assert.True(limits.EnvelopeBytesMax > limits.ResultsBytesMax);
        Assert.True(limits.ChunkBytesMax > options.SessionReplyBytesMax);
        Assert.True(limits.EnvelopeBytesMax > limits.ChunksBodyBytesMax && limits.ChunksBodyBytesMax > limits.ChunkBytesMax);
        Assert.True(limits.EnvelopeBytesMax > limits.NewViewBodyBytesMax && limits.NewViewBodyBytesMax > 64L * limits.ViewChangeBodyBytesMax);
        Assert.True(limits.ViewChangeBodyBytesMax > 5L * options.LogWindow * Digest.Bytes);
    }

    [Fact]
    public void As_many_operations_as_allowed_can_always_be_answered()
    {
        var options = new ProtocolOptions { Cluster = new(4), OperationsMax = 65_535, ResultBytesMax = 1024 };

        Assert.True(new WireLimits(options).ResultsBytesMax >= OperationResults.BytesMin(options.OperationsMax));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(512, 9)]
    [InlineData(65_535, 16)]
    public void No_path_is_longer_than_the_logarithm_of_its_leaves(int count, int longest)
    {
        Assert.Equal(longest, Enumerable.Range(0, count).Max(index => EnvelopeEncoding.PathLength(index, count)));
        Assert.True(longest * Digest.Bytes <= EnvelopeEncoding.BatchSealBytesMax);
    }
}
