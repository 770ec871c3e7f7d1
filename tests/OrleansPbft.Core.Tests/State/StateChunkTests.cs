using FsCheck.Fluent;
using OrleansPbft.Services;
using OrleansPbft.Tests;

namespace OrleansPbft.Core.Tests;

/// <summary>ST-1, B39: nothing that a donor sends is taken unless it is just what was asked for, and nothing it sends does harm.</summary>
public sealed class StateChunkTests
{
    /// <summary>Chunks of every form: the header, inner nodes, buckets' digests, entries of many and of one.</summary>
    private static readonly Lazy<(StateSnapshot Snapshot, List<(ChunkId Id, byte[] Bytes)> Chunks)> Donor = new(static () =>
    {
        var donor = new StateUnderTest();
        donor.Execute(StateUnderTest.Load(new(5), 150, keys: 150));
        var snapshot = donor.State.TakeSnapshot();
        return (snapshot, snapshot.AllChunks(bytesMax: 600));
    });

    [Fact]
    public void Every_form_of_chunk_is_among_those_that_are_tested()
    {
        var (_, chunks) = Donor.Value;

        Assert.Equal([0, 1, 2], chunks.Skip(1).Select(static c => (int)c.Bytes[0]).Distinct().Order());
        Assert.Equal([StateSection.Header, StateSection.Service, StateSection.Sessions], chunks.Select(static c => c.Id.Section).Distinct().Order());
        Assert.Contains(chunks, static c => c.Id.Depth == ChunkId.EntryDepth && c.Id.Section == StateSection.Sessions);
        Assert.Contains(chunks, static c => c.Id.Depth == ChunkId.EntryDepth && c.Id.Section == StateSection.Service);
        Assert.Contains(chunks, static c => c.Id.Depth is > 0 and < ChunkId.EntryDepth && c.Bytes[0] == StateChunk.EntriesTag && c.Bytes.Length > 100);
    }

    [Fact]
    public void Every_flipped_bit_of_a_chunk_is_refused()
    {
        Assault(static (_, chunk) => PropertyCheck.Cases(Enumerable.Range(0, 8 * chunk.Length)).Where(bit => chunk.Length < 1200 || bit % 7 == 0).Select(bit =>
        {
            var flipped = chunk.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            return flipped;
        }));
    }

    [Fact]
    public void Truncated_and_extended_chunks_are_refused()
    {
        Assault(static (_, chunk) =>
        [
            .. PropertyCheck.Cases(Enumerable.Range(0, chunk.Length)).Select(length => chunk[..length]),
            [.. chunk, 0],
            [.. chunk, .. chunk],
            [.. chunk, .. chunk[1..]],
        ]);
    }

    [Fact]
    public void Chunks_of_other_places_are_refused()
    {
        var others = Donor.Value.Chunks;
        Assault((id, _) => others.Where(other => other.Id != id).Select(static other => other.Bytes));
    }

    [Fact]
    public void Arbitrary_bytes_are_refused()
    {
        var random = new Random(3);
        Assault((_, _) => Enumerable.Range(0, 30).Select(i =>
        {
            var bytes = new byte[random.Next(1200)];
            random.NextBytes(bytes);
            if (bytes.Length > 0) bytes[0] = (byte)(i % 4);
            if (bytes.Length > 5 && i % 3 == 0) bytes.AsSpan(1, 4).Fill(0xFF); // a length beyond all bounds
            return bytes;
        }));
    }

    /// <summary>The same entries in another order, twice, or one too few: equal content, but not the canonical bytes.</summary>
    [Fact]
    public void Entries_out_of_order_repeated_or_missing_are_refused()
    {
        var (snapshot, _) = Donor.Value;
        var download = snapshot.To(new());
        download.Fetch(snapshot, chunks: 1);
        var id = Next(download, static id => id.Section == StateSection.Service);
        Assert.True(snapshot.TryRead(new(id.Section, 0, default, isWhole: true), int.MaxValue, out var chunk));

        var entries = new List<StateEntry>();
        for (var reader = new WireReader(chunk[1..]); reader.Remaining > 0;) entries.Add(StateEntry.Read(ref reader)!);
        Assert.Equal(chunk.ToArray(), Chunk(entries));
        Assert.Equal(ChunkOutcome.Bad, download.Offer(id, Chunk([.. entries.AsEnumerable().Reverse()])));
        Assert.Equal(ChunkOutcome.Bad, download.Offer(id, Chunk([entries[0], .. entries])));
        Assert.Equal(ChunkOutcome.Bad, download.Offer(id, Chunk([.. entries.Skip(1)])));
        Assert.Equal(ChunkOutcome.Bad, download.Offer(id, Chunk([])));
        Assert.Equal(ChunkOutcome.Accepted, download.Offer(id, chunk));

        static byte[] Chunk(List<StateEntry> entries) => StateChunk.OfEntries(entries, entries.Sum(static e => (long)e.EncodedBytes));
    }

    [Fact]
    public void A_chunk_is_no_larger_than_asked_for_unless_it_is_one_entry_or_digests()
    {
        var donor = new StateUnderTest();
        donor.Execute(Make.Batch(Make.Noon, Make.Open()));
        for (var i = 0; i < 40; i++)
        {
            donor.Execute(Make.Batch(Make.Noon, StateUnderTest.Write(i + 1, KeyValueOperation.Put($"large/{i}", new byte[i * 1000]))));
        }

        var snapshot = donor.State.TakeSnapshot();
        var single = 0;
        foreach (var (id, bytes) in snapshot.AllChunks(8000))
        {
            Assert.InRange(bytes.Length, 1, StateSnapshot.ChunkBytesMax(StateUnderTest.Options));
            if (bytes.Length <= 8000) continue;
            var reader = new WireReader(bytes.AsMemory(1));
            Assert.NotNull(StateEntry.Read(ref reader));
            Assert.Equal((0, id.Section), (reader.Remaining, StateSection.Service));
            single++;
        }

        Assert.True(single > 10);
    }

    [Fact]
    public void Only_places_that_are_in_the_state_are_read()
    {
        var (snapshot, chunks) = Donor.Value;
        foreach (var (id, _) in chunks.Where(static c => c.Id.Section != StateSection.Header))
        {
            var elsewhere = id.Depth == 0 ? id.Child(0, false).Child(0, false).Child(0, false).Child(0, false).Child(0, false)
                : new ChunkId(id.Section, id.Depth, Digest.Of([id.Depth]).Prefix(id.Depth), isWhole: false);
            if (chunks.Any(c => c.Id.Prefix == elsewhere.Prefix)) continue;
            var found = snapshot.TryRead(elsewhere, 1000, out var chunk);
            Assert.True(!found || elsewhere.Depth < 3, $"{elsewhere}: {chunk.Length} bytes");
        }

        Assert.False(snapshot.TryRead(new(StateSection.Service, ChunkId.EntryDepth, Digest.Of("no such key"u8), false), 1000, out _));
    }

    [Fact]
    public void A_chunk_given_back_is_handed_out_again_and_taken_from_whoever_is_first()
    {
        var (snapshot, _) = Donor.Value;
        var download = snapshot.To(new());
        Assert.True(download.TryNextWanted(out var id));
        Assert.Equal((ChunkId.Header, 1, 1), (id, download.ChunksWanted, download.ChunksOutstanding));
        Assert.False(download.TryNextWanted(out _));
        Assert.True(snapshot.TryRead(id, 1000, out var header));

        download.GiveBack(id);
        download.GiveBack(id); // twice is once
        Assert.Equal(0, download.ChunksOutstanding);
        Assert.True(download.TryNextWanted(out var again));
        Assert.Equal(id, again);
        Assert.False(download.TryNextWanted(out _));
        Assert.Equal(ChunkOutcome.Bad, download.Offer(id, new byte[] { 1 }));
        Assert.Equal(0, download.ChunksOutstanding);
        Assert.Equal(ChunkOutcome.Accepted, download.Offer(id, header)); // late, but what was wanted
        Assert.Equal(ChunkOutcome.NotWanted, download.Offer(id, header));
        Assert.Equal(ChunkOutcome.NotWanted, download.Offer(new(StateSection.Service, ChunkId.EntryDepth, Digest.Of("x"u8), false), header));
        Assert.Equal((1, header.Length), (download.ChunksTaken, download.BytesTaken));
        download.GiveBack(id);
        Assert.True(download.TryNextWanted(out var next));
        Assert.NotEqual(id, next);
    }

    [Fact]
    public void Chunks_are_asked_for_in_the_same_order_every_time()
    {
        var (snapshot, chunks) = Donor.Value;

        Assert.Equal(chunks.Select(static c => c.Id), snapshot.AllChunks(600).Select(static c => c.Id));
        Assert.Equal(chunks.Count, chunks.Select(static c => c.Id).Distinct().Count());
    }

    /// <summary>docs/wire-format.md, word by word: the header chunk, the tree's chunk, and the digests up to the checkpoint's.</summary>
    [Fact]
    public void Chunks_and_digests_are_what_the_wire_format_says()
    {
        var donor = new StateUnderTest();
        donor.Execute(Make.Batch(new(77), Make.Open(), StateUnderTest.Write(1, KeyValueOperation.Put("key", "value"u8))));
        var chunks = donor.State.TakeSnapshot().AllChunks(1 << 16);
        var service = chunks.Single(static c => c.Id.Section == StateSection.Service).Bytes;
        var session = chunks.Single(static c => c.Id.Section == StateSection.Sessions).Bytes;

        var (key, value) = ("key"u8.ToArray(), "value"u8.ToArray());
        Assert.Equal([2, .. U32(3), .. key, .. I64(1), .. U32(5), .. value], service);
        byte[] results = [.. session.AsSpan(session.Length - 22)]; // one result, of 13 bytes
        byte[] sessionFields = [.. I64(1), .. new byte[15], 1, .. I64(7), .. I64(1), .. I64(1), .. I64(2)];
        Assert.Equal([2, .. sessionFields, .. U32(1), .. I64(1), .. I64(1), 1, .. U32(results.Length), .. results], session);

        byte[] sessionDigested = [.. "OrleansPbft/1 session\0"u8, .. I64(1), 1, .. new byte[15], .. sessionFields.AsSpan(24), .. I64(1), .. I64(1), 1, .. Sha(results)];
        var serviceRoot = Sha([0, .. Sha(key), .. Sha([.. I64(1), .. value])]);
        var sessionsRoot = Sha([0, .. Sha([0, 0, 0, 0, 0, 0, 0, 1]), .. Sha(sessionDigested)]);
        Assert.Equal(
            [.. I64(77), .. serviceRoot, 8, 0, .. I64(1), .. sessionsRoot, 16, 0, .. I64(1), .. I64(2)],
            chunks.Single(static c => c.Id == ChunkId.Header).Bytes);

        var configuration = new byte[Digest.Bytes];
        donor.State.Configuration.CopyTo(configuration);
        var digest = Sha([.. configuration, .. Sha([.. serviceRoot, .. I64(1)]), .. Sha([.. sessionsRoot, .. I64(1), .. I64(2)]), .. I64(1), .. I64(77)]);
        Assert.Equal(new Digest(digest), donor.Digest);

        static byte[] Sha(byte[] bytes) => System.Security.Cryptography.SHA256.HashData(bytes);

        static byte[] I64(long value)
        {
            var bytes = new byte[sizeof(long)];
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            return bytes;
        }

        static byte[] U32(int value) => I64(value)[..4];
    }

    [Fact]
    public void Addresses_are_canonical()
    {
        foreach (var (id, _) in Donor.Value.Chunks) Assert.Equal(id, Read(Encode(id)));

        var valid = Encode(new(StateSection.Service, 3, Digest.Of("x"u8).Prefix(3), isWhole: true));
        Assert.NotNull(Read(valid));
        Assert.Null(Read([3, .. valid[1..]])); // no such section
        Assert.Null(Read([1, 2, .. valid[2..]])); // neither whole nor not
        Assert.Null(Read([1, 1, 65, .. valid[3..]])); // deeper than digests go
        Assert.Null(Read([1, 1, 2, .. valid[3..]])); // a digit beyond the depth
        Assert.Null(Read([0, .. valid[1..]])); // the header is one place
        Assert.Null(Read([0, 1, 0, .. new byte[32]]));
        Assert.Null(Read([1, 1, 64, .. valid[3..]])); // an entry is always whole
        Assert.NotNull(Read([1, 0, 64, .. valid[3..]]));
        Assert.Null(Read(valid[..^1]));
    }

    [Fact]
    public void Whatever_is_read_as_an_address_is_written_as_it_was()
    {
        var bytes = from head in Gen.ArrayOf(Gen.Choose(0, 66), 3)
                    from digits in Gen.ArrayOf(Gen.Choose(0, 255), 32)
                    from zeroes in Gen.Choose(0, 32)
                    select (byte[])[(byte)(head[0] % 4), (byte)(head[1] % 3), (byte)head[2], .. digits.Take(32 - zeroes).Select(static d => (byte)d), .. new byte[zeroes]];
        var read = 0;
        PropertyCheck.Holds(bytes, value =>
        {
            if (Read(value) is not { } id) return;
            read++;
            Assert.Equal(value, Encode(id));
        }, tests: 3000);
        Assert.True(read > 100 || !PropertyCheck.IsThorough(usual: 3000));
    }

    /// <summary>Offers, for each chunk that a download wants, everything that <paramref name="attacks"/> makes of it; then the chunk itself.</summary>
    private static void Assault(Func<ChunkId, byte[], IEnumerable<byte[]>> attacks)
    {
        var (snapshot, chunks) = Donor.Value;
        var receiver = new StateUnderTest();
        var download = snapshot.To(receiver);
        var refused = 0;
        while (download.TryNextWanted(out var id))
        {
            Assert.True(snapshot.TryRead(id, 600, out var chunk));
            foreach (var attack in attacks(id, chunk.ToArray()))
            {
                Assert.True(download.Offer(id, attack) == ChunkOutcome.Bad, $"{id} took {Convert.ToHexString(attack)}");
                refused++;
            }

            Assert.Equal(ChunkOutcome.Accepted, download.Offer(id, chunk));
        }

        Assert.True(refused >= chunks.Count);
        Assert.True(receiver.State.Restore(download));
        Assert.Equal(snapshot.Digest, receiver.Digest);
    }

    private static ChunkId Next(StateDownload download, Func<ChunkId, bool> which)
    {
        while (download.TryNextWanted(out var id))
        {
            if (which(id)) return id;
        }

        throw new InvalidOperationException("No such chunk is wanted.");
    }

    private static byte[] Encode(ChunkId id)
    {
        var bytes = new byte[ChunkId.EncodedBytes];
        var writer = new WireWriter(bytes);
        id.Write(ref writer);
        Assert.Equal(bytes.Length, writer.Position);
        return bytes;
    }

    private static ChunkId? Read(byte[] bytes)
    {
        var reader = new WireReader(bytes);
        return ChunkId.TryRead(ref reader, out var id) ? id : null;
    }
}
