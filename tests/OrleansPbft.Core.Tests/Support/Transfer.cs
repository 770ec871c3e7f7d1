namespace OrleansPbft.Core.Tests;

/// <summary>Moves chunks from a donor's snapshot to a download, with no protocol between them.</summary>
internal static class Transfer
{
    /// <summary>Starts to download what <paramref name="snapshot"/> holds.</summary>
    public static StateDownload To(this StateSnapshot snapshot, StateUnderTest receiver) => new(snapshot.Sequence, snapshot.Digest, receiver.State);

    /// <summary>Fetches up to <paramref name="chunks"/> chunks; every one must be there and be accepted.</summary>
    public static StateDownload Fetch(
        this StateDownload download, StateSnapshot donor, int bytesMax = StateSnapshot.ChunkBytesDefault, int chunks = int.MaxValue, Action<ChunkId, byte[]>? seen = null)
    {
        for (var i = 0; i < chunks && download.TryNextWanted(out var id); i++)
        {
            Assert.True(donor.TryRead(id, bytesMax, out var chunk), $"{id} is not there");
            seen?.Invoke(id, chunk.ToArray());
            Assert.Equal(ChunkOutcome.Accepted, download.Offer(id, chunk));
        }

        return download;
    }

    /// <summary>Every chunk there is, for a receiver that has nothing.</summary>
    public static List<(ChunkId Id, byte[] Bytes)> AllChunks(this StateSnapshot snapshot, int bytesMax)
    {
        var chunks = new List<(ChunkId, byte[])>();
        snapshot.To(new()).Fetch(snapshot, bytesMax, seen: (id, bytes) => chunks.Add((id, bytes)));
        return chunks;
    }
}
