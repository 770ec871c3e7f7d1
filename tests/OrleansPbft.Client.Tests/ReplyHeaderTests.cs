using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>What is read of replies before anything of them is verified.</summary>
public sealed class ReplyHeaderTests
{
    /// <summary>C-6: a client port sees which replies are refusals, of requests and of reads, and whose.</summary>
    [Fact]
    public void A_refusal_is_known_by_its_status()
    {
        using var replicas = new SealedReplicas();
        var limits = new WireLimits(replicas.Options);
        ClientId client = new(77);
        byte[][] refusals =
        [
            replicas.Seal(0, new(client, new(1), 1), ReplyStatus.Busy, []),
            replicas.Seal(0, new(client, new(1), 1), ReplyStatus.AboveWindow, []),
            replicas.Seal(0, new(client, new(1), 1), ReplyStatus.BelowWindow, []),
            replicas.SealRead(0, client, 5, [], status: ReadStatus.Busy),
        ];
        byte[][] others =
        [
            replicas.Seal(0, new(client, new(1), 1), ReplyStatus.Executed, SealedReplicas.Results("r")),
            replicas.Seal(0, new(client, SessionId.None, 1), ReplyStatus.SessionOpened),
            replicas.SealRead(0, client, 5, SealedReplicas.Results("r")),
            refusals[0][..^1],
            [],
        ];

        Assert.All(refusals, refusal =>
        {
            Assert.True(ReplyHeader.IsRefusal(refusal, limits, out var refused));
            Assert.Equal(client, refused);
        });
        Assert.All(others, other => Assert.False(ReplyHeader.IsRefusal(other, limits, out _)));
    }

    /// <summary>C-4: a PACK of replies is opened where anybody waits for one of them, and costs nothing else.</summary>
    [Fact]
    public void A_pack_is_wanted_for_any_answer_in_it()
    {
        using var replicas = new SealedReplicas();
        var limits = new WireLimits(replicas.Options);
        ClientId client = new(77);
        var reply = replicas.Seal(0, new(client, new(1), 4), ReplyStatus.Executed, SealedReplicas.Results("r"));
        var read = replicas.SealRead(0, client, 5, SealedReplicas.Results("r"));
        var pack = PackOf(limits, reply, read);
        List<(MessageKind, RequestId)> asked = [];

        Assert.False(ReplyHeader.AnyInPack(pack, limits, (kind, request) =>
        {
            asked.Add((kind, request));
            return false;
        }));
        Assert.Equal([(MessageKind.Reply, new RequestId(client, new(1), 4)), (MessageKind.ReadReply, new RequestId(client, SessionId.None, 5))], asked);
        Assert.True(ReplyHeader.AnyInPack(pack, limits, static (_, request) => request.Number == 5));
        Assert.False(ReplyHeader.AnyInPack(reply, limits, static (_, _) => true)); // it is none
        for (var cut = 1; cut < pack.Length; cut++) ReplyHeader.AnyInPack(pack.AsMemory(0, cut), limits, static (_, _) => false); // whatever the bytes are

        // Lengths that lie end it.
        var lying = (byte[])pack.Clone();
        lying.AsSpan(EnvelopeEncoding.HeaderBytes(MessageKind.Pack) + 3, 4).Fill(0xFF);
        Assert.False(ReplyHeader.AnyInPack(lying, limits, static (_, _) => true));
    }

    private static byte[] PackOf(WireLimits limits, params byte[][] envelopes)
    {
        var body = new byte[1024];
        var writer = new WireWriter(body);
        writer.WriteUInt16((ushort)envelopes.Length);
        foreach (var envelope in envelopes)
        {
            Assert.Equal(RejectReason.None, EnvelopeFrame.TryRead(envelope, limits, out var frame));
            writer.WriteByte((byte)frame.Kind);
            writer.WriteLength(frame.Body.Length);
            writer.WriteBytes(frame.Body.Span);
        }

        var pack = new byte[EnvelopeEncoding.HeaderBytes(MessageKind.Pack) + writer.Position + EnvelopeEncoding.MacSealBytes];
        var whole = new WireWriter(pack);
        EnvelopeEncoding.WriteHeader(ref whole, MessageKind.Pack, new(1), new(0), writer.Position);
        whole.WriteBytes(body.AsSpan(0, writer.Position));
        whole.WriteByte((byte)SealType.Mac);
        return pack;
    }
}
