namespace OrleansPbft.Core.Tests;

/// <summary>Fields are read as they were written, and never beyond the end .</summary>
public sealed class WireReaderTests
{
    private static readonly Digest SomeDigest = Digest.Of("digest"u8);

    [Fact]
    public void Fields_read_as_they_were_written()
    {
        var reader = new WireReader(Written());

        Assert.True(reader.TryReadByte(out var b) & reader.TryReadUInt16(out var u16) & reader.TryReadLength(out var u32));
        Assert.True(reader.TryReadInt64(out var i64) & reader.TryReadIdentifier(out var u128) & reader.TryReadDigest(out var digest));
        Assert.True(reader.TryReadBytes(3, out var bytes));
        Assert.Equal((7, 0xA1B2, 0x01020304u, -2L, SomeDigest), (b, u16, u32, i64, digest));
        Assert.Equal((UInt128)1 << 120, u128);
        Assert.Equal("abc"u8, bytes.Span);
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void Integers_are_little_endian_and_identifiers_read_as_their_digest_does()
    {
        Assert.Equal(
            "07" + "b2a1" + "04030201" + "feffffffffffffff" + "01000000000000000000000000000000" + SomeDigest.ToHex() + "616263",
            Convert.ToHexStringLower(Written()));
    }

    [Fact]
    public void Reading_ends_where_the_bytes_do()
    {
        var written = Written();
        for (var length = 0; length < written.Length; length++)
        {
            var reader = new WireReader(written.AsMemory(0, length));
            var all = reader.TryReadByte(out _) && reader.TryReadUInt16(out _) && reader.TryReadLength(out _) && reader.TryReadInt64(out _)
                && reader.TryReadIdentifier(out _) && reader.TryReadDigest(out _) && reader.TryReadBytes(3, out _);

            Assert.False(all);
            Assert.InRange(reader.Position, 0, length);
        }
    }

    [Fact]
    public void A_length_no_array_can_have_is_not_read()
    {
        var reader = new WireReader(new byte[8]);

        Assert.False(reader.TryReadBytes(uint.MaxValue, out _));
        Assert.False(reader.TryReadBytes(9, out _));
        Assert.True(reader.TryReadBytes(8, out _));
    }

    private static byte[] Written()
    {
        var bytes = new byte[66];
        var writer = new WireWriter(bytes);
        writer.WriteByte(7);
        writer.WriteUInt16(0xA1B2);
        writer.WriteLength(0x01020304);
        writer.WriteInt64(-2);
        writer.WriteIdentifier((UInt128)1 << 120);
        writer.WriteDigest(SomeDigest);
        writer.WriteBytes("abc"u8);
        Assert.Equal(bytes.Length, writer.Position);
        return bytes;
    }
}
