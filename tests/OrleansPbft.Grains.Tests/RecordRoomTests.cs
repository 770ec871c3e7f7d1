using OrleansPbft.Core;
using OrleansPbft.Grains.Recording;

namespace OrleansPbft.Grains.Tests;

/// <summary>What recorders keep is bounded, and the newest stays.</summary>
public sealed class RecordRoomTests
{
    [Fact]
    public void A_ring_keeps_the_newest_and_takes_no_older_one_back()
    {
        var ring = new RecordRing<CheckpointRecord>(8, 128, static () => new(4));
        for (var i = 1; i <= 20; i++) ring.At(i * 128, reached: i * 128)!.StableAt = i;

        Assert.Null(ring.Find(12 * 128));
        Assert.Null(ring.At(12 * 128, reached: 20 * 128));
        Assert.Equal(13, ring.Find(13 * 128)!.StableAt);
        var found = new List<(long Key, long Began)>();
        ring.CollectTo(found, static record => record.BeganAt);
        Assert.Equal(Enumerable.Range(13, 8).Select(static i => (i * 128L, (long)i)), found.Order());
    }

    [Fact]
    public void What_is_said_of_the_far_future_leaves_half_of_the_past()
    {
        var ring = new RecordRing<SlotRecord>(8, 1, static () => new(4));
        for (var n = 1; n <= 8; n++) ring.At(n, reached: n)!.PrePreparedAt = n;
        for (var n = 9; n <= 1000; n++) ring.At(n, reached: 8);

        Assert.Equal([5, 6, 7, 8], Enumerable.Range(1, 8).Where(n => ring.Find(n) is not null));
        Assert.Null(ring.At(13, reached: 8));
        Assert.Null(ring.At(0, reached: 8));
        Assert.Null(ring.Find(-3));
    }

    [Fact]
    public void A_copy_does_not_change_with_its_original()
    {
        var ring = new RecordRing<SlotRecord>(8, 1, static () => new(4));
        var slot = ring.At(3, reached: 3)!;
        slot.Prepares[2].OnArrived(7, 0, 9, 2);

        var copy = ring.Copy(3)!;
        slot.Reset(11);

        Assert.Equal((3L, 7L), (copy.Key, copy.Prepares[2].At));
        Assert.Null(ring.Copy(3));
    }

    [Fact]
    public void The_first_message_of_the_latest_view_stands_and_another_one_contradicts_it()
    {
        var mark = default(PeerMark);
        mark.OnArrived(10, view: 1, digest: 7, from: 2);
        mark.OnArrived(11, view: 0, digest: 8, from: 2);
        mark.OnArrived(12, view: 1, digest: 7, from: 2);
        Assert.Equal((10L, 7UL, false), (mark.At, mark.Digest, mark.Contradicts));

        mark.OnArrived(13, view: 1, digest: 8, from: 2);
        Assert.Equal((10L, 7UL, true), (mark.At, mark.Digest, mark.Contradicts));

        mark.OnArrived(14, view: 2, digest: 9, from: 2);
        Assert.Equal((14L, 9UL, false), (mark.At, mark.Digest, mark.Contradicts));
    }

    [Fact]
    public void Requests_are_remembered_until_newer_ones_need_their_room()
    {
        var table = new RequestTable(4);
        for (var number = 1; number <= 1000; number++)
        {
            table.OnArrived(Id(number), origin: -1, at: number);
            Assert.Equal(number, table.Find(Id(number)).ArrivedAt);
        }

        Assert.InRange(Enumerable.Range(1, 1000).Count(number => table.Find(Id(number)).ArrivedAt != 0), 1, 4);
    }

    [Fact]
    public void A_request_is_known_by_the_first_of_each_way_it_came()
    {
        var table = new RequestTable(4);
        table.OnArrived(Id(1), origin: 2, at: 20);
        table.OnArrived(Id(1), origin: 3, at: 30);
        table.OnArrived(Id(1), origin: -1, at: 40);
        table.OnArrived(Id(1), origin: -1, at: 50);
        table.OnPassedOn(Id(1), to: 1, at: 45);

        var mark = table.Find(Id(1));

        Assert.Equal((20L, 0b1100UL, 40L, 20L, 45L, 1), (mark.ForwardedAt, mark.ForwardedBy, mark.FromClientAt, mark.ArrivedAt, mark.PassedOnAt, mark.PassedOnTo));
    }

    [Fact]
    public void The_log_of_events_keeps_the_newest_and_numbers_all()
    {
        var log = new EventLog(4);
        for (var i = 0; i < 10; i++) log.Add(new(0, i, 0, EventKind.Suspected, 0, 0, 0, 0));

        Assert.Equal([7, 8, 9, 10], log.After(0, 100).Select(static one => one.Id));
        Assert.Equal([9, 10], log.After(8, 100).Select(static one => one.Id));
        Assert.Equal([9], log.After(8, 1).Select(static one => one.Id));
        Assert.Equal([9, 10], log.Newest(2).Select(static one => one.Id));
        Assert.Empty(log.After(10, 100));
        Assert.Empty(log.After(99, 100));
        Assert.Empty(new EventLog(4).Newest(3));
    }

    [Fact]
    public void What_happens_often_is_told_once_a_second_with_how_often_it_was()
    {
        var throttle = new EventThrottle();
        var told = new List<long>();
        for (var at = 1; at <= 2_500_000; at += 1000)
        {
            if (throttle.MayTell(EventKind.RefusedBusy, at, out var held)) told.Add(held);
        }

        Assert.Equal([0, 999, 999], told);
        Assert.True(throttle.MayTell(EventKind.Suspected, 1, out _));
        Assert.True(throttle.MayTell(EventKind.Suspected, 2, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(1000)]
    [InlineData(123_456)]
    [InlineData(60_000_000)]
    [InlineData(7_000_000_000)]
    public void A_percentile_is_right_to_a_sixteenth(long took)
    {
        var window = new TimeWindow(4);
        for (var i = 0; i < 100; i++) window.Add(5_000_000, took);
        Span<long> sum = stackalloc long[TimeWindow.Buckets];
        window.SumTo(sum, 5, 5);

        Assert.Equal(100, TimeWindow.CountOf(sum));
        foreach (var percent in (ReadOnlySpan<double>)[1, 50, 99, 100]) Assert.InRange(TimeWindow.PercentileOf(sum, percent), took * 15 / 16, (took * 17 / 16) + 1);
    }

    [Fact]
    public void Percentiles_tell_the_few_from_the_many_and_old_seconds_are_forgotten()
    {
        var window = new TimeWindow(4);
        for (var i = 0; i < 98; i++) window.Add(5_000_000, 1_000);
        for (var i = 0; i < 2; i++) window.Add(6_000_000, 64_000);
        Span<long> sum = stackalloc long[TimeWindow.Buckets];
        window.SumTo(sum, 5, 6);
        Assert.InRange(TimeWindow.PercentileOf(sum, 50), 900, 1_100);
        Assert.InRange(TimeWindow.PercentileOf(sum, 99), 60_000, 70_000);

        window.Add(9_000_000, 5); // takes the room of second 5
        sum.Clear();
        window.SumTo(sum, 5, 6);
        Assert.Equal(2, TimeWindow.CountOf(sum));
        sum.Clear();
        Assert.Equal(0, TimeWindow.PercentileOf(sum, 50));
    }

    [Fact]
    public void Events_are_sentences()
    {
        Assert.Equal("replica 2 entered view 3, led by replica 3", EventWording.Describe(new(9, 0, 2, EventKind.ViewEntered, 3, 0, 3, 0)).Text);
        Assert.Equal("suspects view 0: a request waited too long", EventWording.Say(new RecordedEvent(9, 0, 2, EventKind.Suspected, 0, 0, 0, (long)SuspicionCause.RequestOverdue)));
        Assert.Equal(
            "accuses replica 1 of two votes in one phase, at n 7 in view 0 (and 3 more like this since the last one told)",
            EventWording.Say(new RecordedEvent(9, 0, 2, EventKind.Accused, 0, 7, 1, (long)EvidenceKind.EquivocatingVote, Held: 3)));
    }

    [Fact]
    public void Every_kind_has_words_and_the_name_that_the_protocol_gives_it()
    {
        foreach (var kind in Enum.GetValues<EventKind>())
        {
            if (kind == EventKind.None) continue;
            Assert.NotEqual("did something", EventWording.Say(new RecordedEvent(1, 0, 0, kind, 1, 1, 1, 1, Detail: "why")));
            if (kind < EventKind.Accused) Assert.Equal(kind.ToString(), ((ProtocolEventKind)kind).ToString());
        }

        foreach (var cause in Enum.GetValues<SuspicionCause>().Where(static cause => cause != SuspicionCause.None)) Assert.NotEqual("for no known reason", EventWording.Say(cause));
        foreach (var kind in Enum.GetValues<EvidenceKind>()) Assert.NotEqual("what no correct replica does", EventWording.Say(kind));
    }

    private static RequestId Id(long number) => new(new(5), new(1), number);
}
