using System.Buffers.Binary;
using OrleansPbft.Core;
using OrleansPbft.Grains.Tests.Support;

namespace OrleansPbft.Grains.Tests;

/// <summary>Bytes from anywhere, requests again and again, and more than there is room for (rules A-4, C-3, C-6; LESSONS B18, B21, B37, B51).</summary>
public sealed class HostileInputTests
{
    [Fact]
    public async Task Garbage_to_every_grain_is_counted_and_harmless()
    {
        await using var silo = await TestSilo.StartAsync();
        var client = silo.Connect();
        await client.OpenAsync();
        await client.SubmitAsync([1]);
        var before = (await silo.StatusOf(1)).Rejected.Values.Sum();
        var garbage = Garbage(client.RequestOf(1).Envelope.ToArray()).ToArray();

        foreach (var bytes in garbage)
        {
            for (var replica = 0; replica < silo.Replicas; replica++)
            {
                await silo.Grains.GetGrain<IReplicaGrain>(replica).Deliver(new(bytes, Envelope.FromClients, "not a trace"));
                await silo.Grains.GetGrain<IReplicaGrain>(replica).Deliver(new(bytes, origin: 2));
                await silo.Grains.GetGrain<IReplicaGrain>(replica).Deliver(new(bytes, origin: int.MaxValue));
                await silo.Grains.GetGrain<ILeaderGrain>(replica).Order(new(bytes, origin: replica));
            }
        }

        var accepted = await client.SubmitAsync([2]);
        await TestSilo.Eventually(async () => (await silo.StatusOf(1)).Rejected.Values.Sum() - before >= 3 * garbage.Length);
        await TestSilo.Eventually(async () => (await silo.Grains.GetGrain<ILeaderGrain>(1).GetStatus()).Rejected >= garbage.Length);
        var status = await silo.StatusOf(1);
        Assert.Equal(ReplyStatus.Executed, accepted.Reply.Status);
        Assert.Equal(3 * garbage.Length, status.Rejected.Values.Sum() - before);
        Assert.Equal(garbage.Length, status.Rejected["UnknownOrigin"]);
        Assert.True(status.Rejected["BadSignature"] > 0);
        Assert.Null(status.HaltedBecause);
    }

    [Fact]
    public async Task A_request_replayed_a_thousand_times_is_executed_once_and_costs_no_further_sequence_number()
    {
        await using var silo = await TestSilo.StartAsync();
        var client = silo.Connect();
        await client.OpenAsync();
        var first = await client.SubmitAsync([1]);
        var replayed = client.RequestOf(1).Envelope;

        for (var i = 0; i < 1000; i++)
        {
            for (var replica = 0; replica < silo.Replicas; replica++) client.SendTo(replica, replayed);
        }

        var second = await client.SubmitAsync([2]);
        Assert.Equal(first.Reply.Sequence.Next, second.Reply.Sequence);
        Assert.Equal(2, CountIn(second.Reply));
        await TestSilo.Eventually(() => Task.FromResult(client.Received.Count(reply => reply.Request.Number == 1 && reply.Request.Session == client.Session) >= 4000));
        Assert.All(
            client.Received.Where(reply => reply.Request.Number == 1 && reply.Request.Session == client.Session),
            reply => Assert.True(reply.Results.Span.SequenceEqual(first.Reply.Results.Span)));
        Assert.All(await silo.StatusOfAll(), status => Assert.Equal(second.Reply.Sequence.Value, status.LastExecuted));
    }

    [Fact]
    public async Task More_requests_than_there_is_room_for_are_refused_as_busy_and_done_later()
    {
        await using var silo = await TestSilo.StartAsync(configure: static options => options.PendingMax = 2);
        var client = silo.Connect();
        await client.OpenAsync();

        silo.Peers.Silent = ReplicaSet.Empty.With(new(1)).With(new(2)).With(new(3)); // too many: nothing is executed
        var answers = Enumerable.Range(0, 10).Select(i => client.SubmitAsync([(byte)i])).ToArray();
        await TestSilo.Eventually(() => Task.FromResult(client.Received.Any(static reply => reply.Status == ReplyStatus.Busy)));
        Assert.DoesNotContain(answers, static answer => answer.IsCompleted);
        silo.Peers.Silent = default;
        var accepted = await Task.WhenAll(answers);

        Assert.All(accepted, static answer => Assert.Equal(ReplyStatus.Executed, answer.Reply.Status));
        Assert.Equal(10, accepted.Max(static answer => CountIn(answer.Reply)));
        var primary = await silo.StatusOf(0);
        Assert.True(primary.RefusedBusy > 0);
        Assert.True(primary.Pending <= 2);
    }

    [Fact]
    public async Task Replies_go_to_the_client_whose_requests_they_answer_and_to_no_other()
    {
        await using var silo = await TestSilo.StartAsync();
        var one = silo.Connect();
        var other = silo.Connect();
        await Task.WhenAll(one.OpenAsync(), other.OpenAsync());

        await one.SubmitAsync([1]);

        Assert.NotEqual(one.Session, other.Session);
        Assert.All(one.Received, reply => Assert.Equal(one.Id, reply.Request.Client));
        Assert.All(other.Received, reply => Assert.Equal(other.Id, reply.Request.Client));
        Assert.Contains(one.Received, static reply => reply.Status == ReplyStatus.Executed);
        Assert.DoesNotContain(other.Received, static reply => reply.Status == ReplyStatus.Executed);
    }

    private static long CountIn(Reply reply)
    {
        Assert.True(OperationResults.TryRead(reply.Results, out var results));
        return BinaryPrimitives.ReadInt64LittleEndian(results[0].Data.Span);
    }

    private static IEnumerable<byte[]> Garbage(byte[] valid)
    {
        var random = new Random(46);
        yield return [];
        for (var length = 1; length < valid.Length; length += 7) yield return valid[..length];
        yield return [.. valid, 0];
        var proven = valid.Length - EnvelopeEncoding.AuthenticatorBytes(4); // behind it are its MACs, which decide nothing
        for (var i = 0; i < proven; i++)
        {
            var altered = valid.ToArray();
            altered[i] ^= 0x40;
            yield return altered;
        }

        for (var i = 0; i < 50; i++)
        {
            var noise = new byte[random.Next(1, 4096)];
            random.NextBytes(noise);
            yield return noise;
        }
    }
}
