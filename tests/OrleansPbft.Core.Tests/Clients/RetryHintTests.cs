using System.Buffers.Binary;

namespace OrleansPbft.Core.Tests;

/// <summary>C-6: what a busy replica says about when to come again is believed within reason.</summary>
public sealed class RetryHintTests
{
    private static readonly TimeSpan Otherwise = TimeSpan.FromSeconds(7);

    [Theory]
    [InlineData(1L, true)]
    [InlineData(50_000L, true)]
    [InlineData(60_000_000L, true)]
    [InlineData(0L, false)]
    [InlineData(-1L, false)]
    [InlineData(60_000_001L, false)]
    [InlineData(long.MinValue, false)]
    [InlineData(long.MaxValue, false)]
    public void A_hint_is_more_than_nothing_and_at_most_a_minute(long micros, bool isBelieved)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, micros);

        Assert.Equal(isBelieved ? TimeSpan.FromMicroseconds(micros) : Otherwise, RetryHint.Decode(bytes, Otherwise));
    }

    [Fact]
    public void What_is_not_eight_bytes_is_no_hint()
    {
        var hint = RetryHint.Encode(TimeSpan.FromMilliseconds(50));

        Assert.Equal(TimeSpan.FromMilliseconds(50), RetryHint.Decode(hint, Otherwise));
        Assert.Equal(Otherwise, RetryHint.Decode(hint.AsSpan(1), Otherwise));
        Assert.Equal(Otherwise, RetryHint.Decode([.. hint, 0], Otherwise));
        Assert.Equal(Otherwise, RetryHint.Decode([], Otherwise));
    }
}
