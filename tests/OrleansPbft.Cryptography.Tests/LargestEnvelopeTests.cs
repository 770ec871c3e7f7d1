using System.Collections.Immutable;
using OrleansPbft.Core;
using static OrleansPbft.Cryptography.Tests.TestCluster;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>The limits are wide enough for the largest that a correct replica may have to say, and no wider where that can be told (A-4, N-8).</summary>
public sealed class LargestEnvelopeTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    [Theory]
    [InlineData(128, 256)]
    [InlineData(1, 16)]
    [InlineData(100, 2047)] // the largest NEW-VIEW is larger than all else
    public void The_largest_view_change_and_new_view_open(int checkpointInterval, int logWindow)
    {
        var options = Options with { CheckpointInterval = checkpointInterval, LogWindow = logWindow };
        var limits = new WireLimits(options);
        Assert.Empty(options.Problems());

        var viewChanges = _cluster.Keys.Select((_, i) => PeerMessages.Sealed(_cluster, Largest(options, new(i)))).ToImmutableArray();
        var choices = Enumerable.Repeat(Digest.Of("d"u8), logWindow).ToImmutableArray();
        var newView = _cluster.Sealer(R1).Seal(new NewView(new(9), viewChanges, new(new(viewChanges[0].StableCheckpoint, PeerMessages.StateDigest), choices), R1));

        var viewChange = Open(options, viewChanges[3].Envelope.ToArray());
        Assert.True(viewChange.ViewChange.SaysTheSame(viewChanges[3]));
        Assert.Equal(limits.ViewChangeBodyBytesMax, viewChange.ViewChange.BodyBytes);
        var opened = Open(options, newView);
        Assert.Equal(limits.NewViewBodyBytesMax, opened.NewView.BodyBytes);
        Assert.Equal(logWindow, opened.NewView.Decision.Choices.Length);
    }

    [Fact]
    public void The_largest_chunks_open()
    {
        var (most, last) = (Chunks.BytesAim - 1, Limits.ChunkBytesMax);
        var count = FetchChunks.IdsMax - 1;
        var chunks = Enumerable.Range(0, count).Select(i => new Chunk(PeerMessages.Id(1, 0, 2, (byte)i), new byte[(most / count) + (i < most % count ? 1 : 0)]));
        var message = new Chunks(new(128), [.. chunks, new(PeerMessages.Id(2, 0, 64, 1), new byte[last])], R1);

        var opened = Open(Options, _cluster.Sealer(R1).Seal(message)).Chunks;

        Assert.Equal(FetchChunks.IdsMax, opened.Items.Length);
        Assert.Equal(most + last, opened.Items.Sum(static item => item.Bytes.Length));
        Assert.Equal(Limits.ChunksBodyBytesMax, opened.BodyBytes + 1); // the aim itself is never exceeded by one more
    }

    [Fact]
    public void The_largest_proposal_batch_and_reply_open()
    {
        var room = Options.RequestBytesMax - (int)MessageEncoding.RequestEnvelopeBytes(1, 0);
        var batch = BatchEncoding.Encode(new(WireLimits.TimestampMax), [
            .. Enumerable.Range(1, Options.BatchBytesMax / Options.RequestBytesMax).Select(i => _cluster.Client.SealRequest(Session, i, [new byte[room]]))]);
        var reply = _cluster.Reply(results: Limits.ResultsBytesMax, sender: R1);

        Assert.Equal(Options.BatchBytesMax, batch.Requests.Sum(static request => request.Envelope.Length));
        Assert.Equal(batch.Digest, Open(Options, _cluster.Sealer(R1).Seal(new PrePrepare(new(1), new(5), batch, R1))).PrePrepare.Digest);
        Assert.Equal(batch.Digest, Open(Options, _cluster.Sealer(R1).Seal(new FetchedBatch(new(5), batch, R1))).Batch.Batch.Digest);
        Assert.Equal(reply.Results.Length, Open(Options, _cluster.Sealer(R1).SealReplies([reply, reply])[0]).Reply.Results.Length);
    }

    [Fact]
    public void The_sizes_at_the_defaults_are_those_on_the_page()
    {
        var limits = new WireLimits(new() { Cluster = new(4) });

        Assert.Equal(
            (61_588, 254_972, 263_549, 528_201, 1_050_777),
            (limits.ViewChangeBodyBytesMax, limits.NewViewBodyBytesMax, limits.ChunkBytesMax, limits.ChunksBodyBytesMax, limits.EnvelopeBytesMax));
    }

    public void Dispose() => _cluster.Dispose();

    /// <summary>Every checkpoint of a window, P at each n of it, and in Q as many digests at each as there may be.</summary>
    private static ViewChange Largest(ProtocolOptions options, ReplicaId sender)
    {
        var (interval, window) = (options.CheckpointInterval, options.LogWindow);
        var stable = interval * 1000L;
        Digest[] digests = [.. "abcd".Select(static c => Digest.Of([(byte)c])).Order()];
        var places = Enumerable.Range(1, window).Select(i => new SequenceNumber(stable + i)).ToArray();
        return new(
            new(9),
            new(stable),
            [.. Enumerable.Range(0, (window / interval) + 1).Select(i => new HeldCheckpoint(new(stable + ((long)i * interval)), PeerMessages.StateDigest))],
            [.. places.Select(n => new LogEntry(n, digests[0], new(8)))],
            [.. places.SelectMany(n => digests.Select(digest => new LogEntry(n, digest, new(8))))],
            sender);
    }

    private Input Open(ProtocolOptions options, byte[] envelope)
    {
        var opener = new EnvelopeOpener(_cluster.Membership, options, new SignatureVerifier(new()));
        Assert.Equal(RejectReason.None, opener.TryOpen(envelope, out var input));
        Assert.InRange(envelope.Length, 1, opener.Limits.EnvelopeBytesMax);
        return input;
    }
}
