namespace OrleansPbft.Core.Tests;

/// <summary>D-5: what is kept of lives reads as it was written, and nothing else reads.</summary>
public sealed class ReplicaLivesTests
{
    private static readonly ReplicaLives Lives = new(77, LifeStage.Returned, [0, 5, long.MaxValue, 0]);

    [Fact]
    public void It_reads_as_it_was_written()
    {
        var read = ReplicaLives.Read(Written(Lives));

        Assert.NotNull(read);
        Assert.Equal((77, LifeStage.Returned), (read.Own, read.Stage));
        Assert.Equal(Lives.Known, read.Known);
        Assert.Equal("life 77, Returned, 2 others known", read.ToString());
        Assert.Empty(ReplicaLives.Read(Written(new(0, LifeStage.Unrecorded, [])))!.Known);
        Assert.Equal(64, ReplicaLives.Read(Written(new(1, LifeStage.Learner, [.. new long[64]])))!.Known.Length);
    }

    [Fact]
    public void Nothing_else_reads()
    {
        var bytes = Written(Lives);
        for (var length = 0; length < bytes.Length; length++)
        {
            if ((length - 1) % 8 != 0 || length < 9) Assert.Null(ReplicaLives.Read(bytes.AsMemory(0, length)));
        }

        Assert.Null(ReplicaLives.Read(With(0, 4))); // no such stage
        Assert.Null(ReplicaLives.Read(With(8, 0x80))); // a negative life
        Assert.Null(ReplicaLives.Read(With(16, 0x80)));
        Assert.Null(ReplicaLives.Read(Written(new(1, LifeStage.Learner, [.. new long[65]]))));

        byte[] With(int at, byte value)
        {
            byte[] changed = [.. bytes];
            changed[at] = value;
            return changed;
        }
    }

    private static byte[] Written(ReplicaLives lives)
    {
        var bytes = new byte[lives.EncodedBytes];
        var writer = new WireWriter(bytes);
        lives.Write(ref writer);
        Assert.Equal(bytes.Length, writer.Position);
        return bytes;
    }
}
