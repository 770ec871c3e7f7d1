namespace OrleansPbft.Core.Tests;

/// <summary>A digest by value, and by its hexadecimal digits.</summary>
public sealed class DigestTests
{
    [Fact]
    public void Every_hexadecimal_digit_is_read_and_set_at_its_place()
    {
        var bytes = new byte[Digest.Bytes];
        Make.Digest("digest").CopyTo(bytes);
        var text = Convert.ToHexStringLower(bytes);
        var built = Digest.Zero;
        for (var i = 0; i < 2 * Digest.Bytes; i++)
        {
            var nibble = Make.Digest("digest").Nibble(i);
            Assert.Equal(text[i], "0123456789abcdef"[nibble]);
            Assert.Equal(0, built.Nibble(i));
            built = built.WithNibble(i, nibble);
            Assert.Equal(Make.Digest("digest").Prefix(i + 1), built);
        }

        Assert.Equal(Make.Digest("digest"), built);
        Assert.Equal(Digest.Zero, built.Prefix(0));
    }

    /// <summary>The order is that of the bytes, whichever of them is the first that differs.</summary>
    [Fact]
    public void Digests_are_ordered_as_their_bytes()
    {
        for (var at = 0; at < Digest.Bytes; at++)
        {
            var (low, high) = (new byte[Digest.Bytes], new byte[Digest.Bytes]);
            (low[at], high[at]) = (0x7F, 0x80);
            if (at + 1 < Digest.Bytes) low[at + 1] = 0xFF;

            Assert.True(new Digest(low).CompareTo(new(high)) < 0 && new Digest(high).CompareTo(new(low)) > 0);
            Assert.Equal(0, new Digest(low).CompareTo(new(low)));
            Assert.False(new Digest(low).Equals(new Digest(high)));
            Assert.NotEqual(Digest.Zero, new Digest(low));
        }
    }

    /// <summary>Views, sequence numbers and instants are compared as their numbers.</summary>
    [Fact]
    public void Numbers_are_compared_by_value()
    {
        foreach (var (left, right) in new[] { (1L, 1L), (1L, 2L), (2L, 1L) })
        {
            var expected = (left < right, (left > right), left <= right, left >= right, left.CompareTo(right));
            var (v, w) = (new View(left), new View(right));
            var (n, m) = (new SequenceNumber(left), new SequenceNumber(right));
            var (t, u) = (new Instant(left), new Instant(right));
            Assert.Equal(expected, (v < w, (v > w), v <= w, v >= w, v.CompareTo(w)));
            Assert.Equal(expected, (n < m, (n > m), n <= m, n >= m, n.CompareTo(m)));
            Assert.Equal(expected, (t < u, (t > u), t <= u, t >= u, t.CompareTo(u)));
        }

        Assert.Equal(Instant.Never, Instant.Never.Plus(TimeSpan.FromTicks(10)));
        Assert.Equal(Instant.Never, new Instant(long.MaxValue - 1).Plus(TimeSpan.FromTicks(20)));
        Assert.Equal(Instant.Never, new Instant(long.MaxValue - 1).Plus(TimeSpan.FromTicks(10)));
        Assert.Equal(new Instant(5), new Instant(7).Plus(TimeSpan.FromTicks(-20)));
    }
}
