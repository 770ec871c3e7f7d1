using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;
using OrleansPbft.Grains.Network;
using OrleansPbft.Tests;

namespace OrleansPbft.Grains.Tests;

/// <summary>What a slow replica sends waits, all for the same time, in order, in a bounded place.</summary>
public sealed class DelayQueueTests : IPeers
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();
    private readonly List<int> _sent = [];
    private readonly DelayQueue _queue;

    public DelayQueueTests() => _queue = new(new(1), Delay, this, _time);

    [Fact]
    public void Nothing_leaves_before_its_time_and_all_in_order()
    {
        _queue.TryAdd(new ReplicaId(0), Envelope(1));
        _time.Advance(TimeSpan.FromMilliseconds(400));
        _queue.TryAdd(new ClientId(9), Envelope(2));
        _queue.TryAdd(new ReplicaId(2), Envelope(3));

        _time.Advance(TimeSpan.FromMilliseconds(599));
        Assert.Empty(_sent);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([1], _sent);
        _time.Advance(TimeSpan.FromMilliseconds(400));
        Assert.Equal([1, 2, 3], _sent);
        _queue.TryAdd(new ReplicaId(0), Envelope(4));
        _time.Advance(Delay);
        Assert.Equal([1, 2, 3, 4], _sent);
    }

    [Fact]
    public void Healed_it_sends_the_rest_at_once_and_takes_nothing_more()
    {
        _queue.TryAdd(new ReplicaId(0), Envelope(1));
        _queue.TryAdd(new ReplicaId(0), Envelope(2));

        _queue.Close(sendRest: true);

        Assert.Equal([1, 2], _sent);
        Assert.False(_queue.TryAdd(new ReplicaId(0), Envelope(3)));
    }

    [Fact]
    public void Under_another_fault_the_rest_is_lost()
    {
        _queue.TryAdd(new ReplicaId(0), Envelope(1));

        _queue.Close(sendRest: false);
        _time.Advance(Delay);

        Assert.Empty(_sent);
    }

    [Fact]
    public void What_waits_is_bounded_in_number_and_in_bytes()
    {
        for (var i = 0; i < DelayQueue.CountMax; i++) Assert.True(_queue.TryAdd(new ReplicaId(0), Envelope(1)));
        Assert.False(_queue.TryAdd(new ReplicaId(0), Envelope(1)));
        _time.Advance(Delay);
        Assert.Equal(DelayQueue.CountMax, _sent.Count);

        Assert.True(_queue.TryAdd(new ReplicaId(0), new(new byte[DelayQueue.BytesMax], 1))); // there is room again
        Assert.False(_queue.TryAdd(new ReplicaId(0), Envelope(1)));
    }

    void IPeers.Send(ReplicaId from, ReplicaId to, in Envelope envelope) => _sent.Add(envelope.Bytes.Span[0]);

    void IPeers.Reply(ReplicaId from, ClientId to, in Envelope envelope) => _sent.Add(envelope.Bytes.Span[0]);

    private static Envelope Envelope(byte content) => new(new[] { content }, 1);
}
