using System.Collections.Immutable;
using OrleansPbft.Tests;

namespace OrleansPbft.Core.Tests;

/// <summary>D-2: a state that was written down chunk by chunk is built again from them, and from nothing else.</summary>
public sealed class StateSnapshotBuilderTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(7, 64)]
    [InlineData(3000, 2000)]
    [InlineData(3000, 64 << 10)]
    [InlineData(40, 100)] // every entry is larger than a chunk
    public void What_was_read_is_built_again(int keys, int bytesMax)
    {
        var snapshot = Snapshot(keys);

        Chunk[] chunks = [.. snapshot.ReadAll(bytesMax)];
        var built = Build(chunks, snapshot)!;

        Assert.Equal((snapshot.Sequence, snapshot.Digest, snapshot.Bytes), (built.Sequence, built.Digest, built.Bytes));
        Assert.All(chunks, chunk => Assert.True(chunk.Bytes.Length <= bytesMax || chunk.Id.Section == StateSection.Header || chunk.Id.Depth == ChunkId.EntryDepth));
        Assert.Equal(chunks.Select(Describe), built.ReadAll(bytesMax).Select(Describe));
        var again = new StateUnderTest();
        Assert.True(again.State.RestoreSnapshot(built));
        Assert.Equal((snapshot.Digest, snapshot.Sequence), (again.Digest, again.State.LastExecuted));
    }

    [Fact]
    public void Chunks_that_are_missing_changed_or_repeated_are_not_built()
    {
        var snapshot = Snapshot(200);
        var chunks = snapshot.ReadAll(1000).ToImmutableArray();
        Assert.True(chunks.Length > 10);
        for (var i = 0; i < chunks.Length; i++)
        {
            Assert.Null(Build(chunks.RemoveAt(i), snapshot));
            foreach (var at in PropertyCheck.Cases(Enumerable.Range(0, chunks[i].Bytes.Length / 37).Select(static k => 37 * k)))
            {
                var bytes = chunks[i].Bytes.ToArray();
                bytes[at] ^= 0x10;
                if (Build(chunks.SetItem(i, new(chunks[i].Id, bytes)), snapshot) is not { } built) continue;
                Assert.False(new StateUnderTest().State.RestoreSnapshot(built)); // the agreed time, which only the digest covers
            }
        }

        Assert.Null(Build([.. chunks, chunks[0]], snapshot));
        Assert.NotNull(Build([.. chunks, chunks[^1]], snapshot)); // the same once more changes nothing
    }

    [Fact]
    public void A_state_of_another_cluster_is_not_restored()
    {
        var snapshot = Snapshot(20);
        var another = new ReplicatedState(StateUnderTest.Options, new(43), new Services.KeyValueStore());

        Assert.False(another.RestoreSnapshot(Build([.. snapshot.ReadAll()], snapshot)!));
        Assert.Equal(SequenceNumber.Zero, another.LastExecuted);
    }

    private static StateSnapshot Snapshot(int keys)
    {
        var state = new StateUnderTest();
        state.Execute(StateUnderTest.Fill(keys, valueBytes: 200));
        return state.State.TakeSnapshot();
    }

    private static StateSnapshot? Build(IEnumerable<Chunk> chunks, StateSnapshot of)
    {
        var builder = new StateSnapshotBuilder();
        var isWhole = true;
        foreach (var chunk in chunks) isWhole &= builder.TryAdd(chunk.Id, chunk.Bytes);
        return isWhole ? builder.Build(of.Sequence, of.Digest) : null;
    }

    private static string Describe(Chunk chunk) => $"{chunk.Id} {Convert.ToHexString(chunk.Bytes.Span)}";
}
