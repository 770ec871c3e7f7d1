using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>Makes envelopes that no sealer would make, but with the signature of whoever holds the key.</summary>
internal static class Forge
{
    public delegate void BodyWriter(ref WireWriter writer);

    public static byte[] Body(BodyWriter write, int bytesMax = 64 << 10)
    {
        var buffer = new byte[bytesMax];
        var writer = new WireWriter(buffer);
        write(ref writer);
        return buffer[..writer.Position];
    }

    public static byte[] ByReplica(
        TestCluster cluster, MessageKind kind, byte[] body, ReplicaId sender = default, KeyPair? key = null, ClusterId? id = null, byte[]? payload = null) =>
        Write((ref WireWriter writer) =>
        {
            EnvelopeEncoding.WriteHeader(ref writer, kind, id ?? cluster.Membership.Id, sender, body.Length);
            writer.WriteBytes(body);
        }, key ?? cluster.Keys[sender.Index], body, payload);

    public static byte[] ByClient(
        TestCluster cluster,
        byte[] body,
        KeyPair? key = null,
        PublicKey? claimed = null,
        ClusterId? id = null,
        MessageKind kind = MessageKind.Request,
        byte[]? payload = null)
    {
        var publicKey = new byte[PublicKey.Bytes];
        (claimed ?? cluster.ClientKey.PublicKey).CopyTo(publicKey);
        return Write((ref WireWriter writer) =>
        {
            var header = new byte[EnvelopeEncoding.HeaderBytes(MessageKind.Request)];
            var headerWriter = new WireWriter(header);
            EnvelopeEncoding.WriteHeader(ref headerWriter, id ?? cluster.Membership.Id, publicKey, body.Length);
            header[1] = (byte)kind;
            writer.WriteBytes(header);
            writer.WriteBytes(body);
        }, key ?? cluster.ClientKey, body, payload);
    }

    /// <summary>The envelope with another seal, and with its payload if it has one.</summary>
    public static byte[] WithSeal(byte[] envelope, params byte[] seal)
    {
        var frame = Frame(envelope);
        var sealBytes = EnvelopeEncoding.SignatureSealBytes + (frame.SealType == SealType.BatchSignature ? EnvelopeEncoding.BatchSealHeaderBytes + frame.Path.Length : 0);
        return [.. frame.Signed.Span, .. seal, .. envelope.AsSpan(frame.Signed.Length + sealBytes)];
    }

    public static EnvelopeFrame Frame(byte[] envelope)
    {
        Assert.Equal(RejectReason.None, EnvelopeFrame.TryRead(envelope, TestCluster.Limits, out var frame));
        return frame;
    }

    public static byte[] Proposal(TestCluster cluster, byte[] payload) =>
        ByReplica(cluster, MessageKind.PrePrepare, Body((ref WireWriter writer) =>
            MessageEncoding.WriteProposal(ref writer, new(0), new(5), BatchEncoding.DigestOf(payload))), payload: payload);

    private static byte[] Write(BodyWriter signedPart, KeyPair key, byte[] body, byte[]? payload) => Body((ref WireWriter writer) =>
    {
        signedPart(ref writer);
        var signed = Body(signedPart, EnvelopeEncoding.SignedBytes(MessageKind.Request) + body.Length);
        new EnvelopeSigner(key, signatures: null).Sign(signed, ref writer);
        if (payload is null) return;
        writer.WriteLength(payload.Length);
        writer.WriteBytes(payload);
    }, EnvelopeEncoding.SignedBytes(MessageKind.Request) + body.Length + sizeof(uint) + (payload?.Length ?? 0));
}
