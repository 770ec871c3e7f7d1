using System.Collections.Immutable;
using OrleansPbft.Core;
using static OrleansPbft.Cryptography.Tests.TestCluster;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>A faulty replica can sign any VIEW-CHANGE: one that breaks rule VC-3 in itself is dropped (LESSONS B25). Here K = 128, L = 256.</summary>
public sealed class MalformedViewChangeTests : IDisposable
{
    private const long TooHigh = WireLimits.NumberMax + 1;

    private static readonly ImmutableArray<Digest> Digests = [.. "abcdef".Select(static c => Digest.Of([(byte)c])).Order()];

    private readonly TestCluster _cluster = new();

    [Theory]
    [InlineData(1, 0, RejectReason.None)]
    [InlineData(WireLimits.NumberMax, 128, RejectReason.None)]
    [InlineData(1, WireLimits.NumberMax - 127, RejectReason.None)]
    [InlineData(0, 0, RejectReason.Malformed)] // nobody changes to view 0
    [InlineData(-1, 0, RejectReason.Malformed)]
    [InlineData(TooHigh, 0, RejectReason.Malformed)]
    [InlineData(1, -128, RejectReason.Malformed)]
    [InlineData(1, 64, RejectReason.Malformed)]
    [InlineData(1, 129, RejectReason.Malformed)]
    [InlineData(1, TooHigh, RejectReason.Malformed)]
    [InlineData(1, long.MinValue, RejectReason.Malformed)]
    public void The_view_and_the_stable_checkpoint(long view, long stable, RejectReason expected) =>
        Expect(expected, Make(view, stable, checkpoints: [(stable, stable == 0 ? Digest.Zero : Digests[0])]));

    [Fact]
    public void C_has_checkpoints_from_the_stable_one_on_in_order()
    {
        ExpectCheckpoints(RejectReason.None, 128);
        ExpectCheckpoints(RejectReason.None, 128, 384);
        ExpectCheckpoints(RejectReason.None, 128, 256, 384);
        ExpectCheckpoints(RejectReason.None);
        ExpectCheckpoints(RejectReason.None, 256);
        ExpectCheckpoints(RejectReason.Malformed, 256, 128);
        ExpectCheckpoints(RejectReason.Malformed, 0, 128);
        ExpectCheckpoints(RejectReason.Malformed, 128, 128);
        ExpectCheckpoints(RejectReason.Malformed, 128, 256, 256);
        ExpectCheckpoints(RejectReason.Malformed, 128, 384, 256);
        ExpectCheckpoints(RejectReason.Malformed, 128, 129);
        ExpectCheckpoints(RejectReason.Malformed, 128, 192);
        ExpectCheckpoints(RejectReason.Malformed, 128, 512);
        ExpectCheckpoints(RejectReason.Malformed, 128, long.MaxValue - 127);
        ExpectCheckpoints(RejectReason.Malformed, 128, -128);
        Expect(RejectReason.Malformed, Make(1, TooHigh - 128, [(TooHigh - 128, Digests[0]), (TooHigh, Digests[0])]));
    }

    [Fact]
    public void The_checkpoint_where_all_began_has_no_digest()
    {
        Expect(RejectReason.None, Make(1, 0, [(0, Digest.Zero), (128, Digests[0])]));
        Expect(RejectReason.Malformed, Make(1, 0, [(0, Digests[0])]));
    }

    [Fact]
    public void P_and_Q_are_of_the_window_and_of_earlier_views()
    {
        foreach (var q in new[] { false, true })
        {
            ExpectEntries(RejectReason.None, q, (129, 0, 0), (384, 0, 1));
            ExpectEntries(RejectReason.Malformed, q, (128, 0, 0));
            ExpectEntries(RejectReason.Malformed, q, (1, 0, 0));
            ExpectEntries(RejectReason.Malformed, q, (0, 0, 0));
            ExpectEntries(RejectReason.Malformed, q, (-1, 0, 0));
            ExpectEntries(RejectReason.Malformed, q, (385, 0, 0));
            ExpectEntries(RejectReason.Malformed, q, (long.MaxValue, 0, 0));
            ExpectEntries(RejectReason.Malformed, q, (long.MinValue, 0, 0));
            ExpectEntries(RejectReason.Malformed, q, (129, 0, 2)); // v itself
            ExpectEntries(RejectReason.Malformed, q, (129, 0, 3));
            ExpectEntries(RejectReason.Malformed, q, (129, 0, -1));
            ExpectEntries(RejectReason.Malformed, q, (129, 0, long.MaxValue));
            ExpectEntries(RejectReason.Malformed, q, (130, 0, 0), (129, 0, 0));
            ExpectEntries(RejectReason.Malformed, q, (129, 0, 0), (131, 0, 0), (130, 0, 0));
            ExpectEntries(RejectReason.Malformed, q, (129, 0, 0), (129, 0, 0));
            ExpectEntries(RejectReason.Malformed, q, (129, 0, 0), (129, 0, 1));
            ExpectEntries(RejectReason.Malformed, q, (129, 1, 0), (129, 0, 0));
            ImmutableArray<(long, Digest, long)> beyond = [(TooHigh, Digests[0], 0)];
            Expect(RejectReason.Malformed, Make(2, TooHigh - 128, [(TooHigh - 128, Digests[0])], q ? [] : beyond, q ? beyond : []));
        }
    }

    [Fact]
    public void P_names_one_digest_at_a_place_and_Q_at_most_four()
    {
        ExpectEntries(RejectReason.Malformed, inQ: false, (129, 0, 0), (129, 1, 1));
        ExpectEntries(RejectReason.None, inQ: true, (129, 0, 0), (129, 1, 1), (129, 2, 0), (129, 3, 1));
        ExpectEntries(RejectReason.None, inQ: true, (129, 0, 0), (129, 1, 1), (129, 2, 0), (129, 3, 1), (130, 0, 0), (130, 1, 0), (130, 2, 0), (130, 3, 0));
        ExpectEntries(RejectReason.Malformed, inQ: true, (129, 0, 0), (129, 1, 1), (129, 2, 0), (129, 3, 1), (129, 4, 0));
        ExpectEntries(RejectReason.Malformed, inQ: true, (128 + 255, 0, 0), (384, 0, 0), (384, 1, 1), (384, 2, 0), (384, 3, 1), (384, 4, 0));
    }

    [Fact]
    public void The_counts_must_fill_the_body_exactly()
    {
        var body = Make(2, 128, [(128, Digests[0])], [(129, Digests[0], 0)], [(129, Digests[0], 0)]);
        int[] counts = [16, 16 + 4 + 40, 16 + 4 + 40 + 4 + 48];

        Expect(RejectReason.None, body);
        Expect(RejectReason.Malformed, [.. body, 0]);
        for (var length = 0; length < body.Length; length++) Expect(RejectReason.Malformed, body[..length]);
        foreach (var at in counts)
        {
            foreach (var count in new byte[][] { [0, 0, 0, 0], [2, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0x80] })
            {
                Expect(RejectReason.Malformed, [.. body[..at], .. count, .. body[(at + 4)..]]);
            }
        }
    }

    public void Dispose() => _cluster.Dispose();

    private static byte[] Make(
        long view,
        long stable,
        ImmutableArray<(long Sequence, Digest Digest)> checkpoints,
        ImmutableArray<(long Sequence, Digest Digest, long View)> p = default,
        ImmutableArray<(long Sequence, Digest Digest, long View)> q = default)
    {
        var viewChange = new ViewChange(
            new(view), new(stable), [.. checkpoints.Select(static c => new HeldCheckpoint(new(c.Sequence), c.Digest))], Entries(p), Entries(q), R0);
        return Forge.Body(viewChange.WriteBody);
    }

    private static ImmutableArray<LogEntry> Entries(ImmutableArray<(long Sequence, Digest Digest, long View)> entries) =>
        entries.IsDefault ? [] : [.. entries.Select(static e => new LogEntry(new(e.Sequence), e.Digest, new(e.View)))];

    private void ExpectCheckpoints(RejectReason expected, params long[] sequences) =>
        Expect(expected, Make(1, 128, [.. sequences.Select(static n => (n, n == 0 ? Digest.Zero : Digests[0]))]));

    /// <summary>Entries of a VIEW-CHANGE for view 2 at h = 128, the digests by their number in ascending order.</summary>
    private void ExpectEntries(RejectReason expected, bool inQ, params (long Sequence, int Digest, long View)[] entries)
    {
        ImmutableArray<(long, Digest, long)> list = [.. entries.Select(static e => (e.Sequence, Digests[e.Digest], e.View))];
        Expect(expected, Make(2, 128, [(128, Digests[0])], inQ ? [] : list, inQ ? list : []));
    }

    private void Expect(RejectReason expected, byte[] body) =>
        Assert.Equal(expected, _cluster.Opener().TryOpen(Forge.ByReplica(_cluster, MessageKind.ViewChange, body), out _));
}
