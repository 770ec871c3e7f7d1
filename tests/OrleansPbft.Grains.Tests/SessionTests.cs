using System.Collections.Concurrent;
using OrleansPbft.Core;
using OrleansPbft.Grains.Tests.Support;

namespace OrleansPbft.Grains.Tests;

/// <summary>Mode Macs in a silo: what is under a MAC, that keys are replaced under load, and that a client's MACs decide nothing (rules; LESSONS B47).</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task What_is_no_evidence_is_under_macs_once_replicas_have_met()
    {
        await using var silo = await TestSilo.StartAsync();
        var seals = new ConcurrentDictionary<(MessageKind Kind, byte Seal), int>();
        var limits = silo.Cluster.Opener.Limits;
        silo.Peers.OnSent = (_, _, envelope) =>
        {
            Assert.Equal(RejectReason.None, EnvelopeFrame.TryRead(envelope.Bytes, limits, out var frame));
            seals.AddOrUpdate((frame.Kind, (byte)frame.SealType), 1, static (_, count) => count + 1);
        };
        var client = silo.Connect();
        await client.OpenAsync();

        for (byte i = 0; i < 20; i++) await client.SubmitAsync([i]);

        var votes = seals.Where(static seal => seal.Key.Kind is MessageKind.Prepare or MessageKind.Commit or MessageKind.Pack).ToArray();
        Assert.Equal([(byte)SealType.Mac], votes.Select(static seal => seal.Key.Seal).Distinct());
        Assert.All(seals.Where(static seal => seal.Key.Kind == MessageKind.PrePrepare), static seal => Assert.Equal((byte)SealType.Signature, seal.Key.Seal));
        var statuses = await silo.Converge(silo.Cluster.Options.Cluster.All);
        Assert.All(statuses, static status => Assert.Equal(0, status.Accusations));
    }

    [Fact]
    public async Task Keys_are_replaced_under_load_and_nobody_notices()
    {
        await using var silo = await TestSilo.StartAsync(configure: static options => options.SessionKeyLifetime = TimeSpan.FromSeconds(1));
        var keys = 0;
        silo.Peers.OnSent = (_, _, envelope) =>
        {
            if (envelope.Bytes.Span[1] == (byte)MessageKind.SessionKey) Interlocked.Increment(ref keys);
        };
        var client = silo.Connect();
        await client.OpenAsync();

        while (Volatile.Read(ref keys) < 24) Assert.Equal(ReplyStatus.Executed, (await client.SubmitAsync([1])).Reply.Status); // each replica twice

        var statuses = await silo.Converge(silo.Cluster.Options.Cluster.All);
        Assert.Single(statuses.Select(static status => status.StateDigest).Distinct());
        Assert.All(statuses, static status => Assert.Equal((0L, 0), (status.View, status.Accusations)));
    }

    /// <summary>Good MACs for any subset of the replicas, under a good signature and under none.</summary>
    [Fact]
    public async Task A_clients_macs_decide_nothing()
    {
        await using var silo = await TestSilo.StartAsync();
        var (client, honest) = (silo.Connect(), silo.Connect());
        await client.OpenAsync();
        await honest.OpenAsync();
        for (var i = 0; i < 3; i++) await client.SubmitAsync([1]); // by now it has sessions with all
        var number = 100L;

        for (var subset = 0; subset < 16; subset++)
        {
            foreach (var isSignedWell in new[] { true, false })
            {
                var envelope = client.Sealer.SealRequest(client.Session, (subset * 2) + (isSignedWell ? 0 : 1) - 96 + number, [new byte[] { 7 }]).Envelope.ToArray();
                var macs = envelope.Length - (4 * EnvelopeEncoding.MacBytes);
                for (var i = 0; i < 4; i++)
                {
                    if ((subset >> i & 1) == 0) envelope[macs + (i * EnvelopeEncoding.MacBytes)] ^= 1;
                }

                if (!isSignedWell) envelope[macs - sizeof(long) - 2] ^= 1;
                for (var replica = 0; replica < 4; replica++) client.SendTo(replica, envelope);
            }
        }

        for (byte i = 0; i < 10; i++) Assert.Equal(ReplyStatus.Executed, (await honest.SubmitAsync([i])).Reply.Status);
        var statuses = await silo.Converge(silo.Cluster.Options.Cluster.All);
        Assert.Single(statuses.Select(static status => status.StateDigest).Distinct());
        Assert.All(statuses, static status => Assert.Equal((0L, 0L), (status.View, status.Accusations)));
        Assert.All(statuses, static status => Assert.Equal(16, status.Rejected.GetValueOrDefault(nameof(RejectReason.BadSignature))));
    }
}
