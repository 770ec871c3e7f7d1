using OrleansPbft.Core;
using static OrleansPbft.Cryptography.Tests.TestCluster;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>A NEW-VIEW proves itself by VIEW-CHANGEs that would each be accepted alone (VC-5; LESSONS B5, B25). Here K = 128, L = 256, n = 4.</summary>
public sealed class MalformedNewViewTests : IDisposable
{
    private const long TooHigh = WireLimits.NumberMax + 1;

    private readonly TestCluster _cluster = new();
    private readonly TestCluster _other = new(firstSecret: 11);

    [Theory]
    [InlineData(2, 128, RejectReason.None)]
    [InlineData(2, 0, RejectReason.None)]
    [InlineData(0, 128, RejectReason.Malformed)]
    [InlineData(-1, 128, RejectReason.Malformed)]
    [InlineData(TooHigh, 128, RejectReason.Malformed)]
    [InlineData(2, -128, RejectReason.Malformed)]
    [InlineData(2, 127, RejectReason.Malformed)]
    [InlineData(2, 192, RejectReason.Malformed)]
    [InlineData(2, TooHigh, RejectReason.Malformed)]
    [InlineData(2, long.MinValue, RejectReason.Malformed)]
    public void The_view_and_the_base(long view, long sequence, RejectReason expected) =>
        Expect(expected, Body(view, sequence, sequence == 0 ? Digest.Zero : PeerMessages.StateDigest, choices: 0));

    [Fact]
    public void A_base_where_all_began_has_no_digest() =>
        Expect(RejectReason.Malformed, Body(2, 0, PeerMessages.StateDigest, choices: 0));

    [Fact]
    public void The_choices_are_those_of_one_window()
    {
        Expect(RejectReason.None, Body(2, 128, PeerMessages.StateDigest, choices: 256));
        Expect(RejectReason.TooLarge, Body(2, 128, PeerMessages.StateDigest, choices: 257));
    }

    [Fact]
    public void There_is_a_view_change_of_each_replica_at_most()
    {
        Expect(RejectReason.None, Of(Sealed(0), Sealed(1), Sealed(2), Sealed(3)));
        Expect(RejectReason.TooLarge, Of(Sealed(0), Sealed(1), Sealed(2), Sealed(3), Sealed(3)));
    }

    [Fact]
    public void Whether_the_view_changes_suffice_is_for_the_replica_to_decide()
    {
        Expect(RejectReason.None, Of());
        Expect(RejectReason.None, Of(Sealed(2)));
    }

    [Fact]
    public void The_view_changes_come_in_the_order_of_their_senders_each_once()
    {
        ExpectBad(Sealed(0), Sealed(0), Sealed(1));
        ExpectBad(Sealed(0), Sealed(1), Sealed(1));
        ExpectBad(Sealed(0), Sealed(1), Sealed(0));
        ExpectBad(Sealed(1), Sealed(0), Sealed(2));
        ExpectBad(Sealed(0), Sealed(2), Sealed(1));
    }

    [Fact]
    public void Each_view_change_is_for_the_new_view()
    {
        ExpectBad(Sealed(0), Sealed(1), Sealed(2, view: 3));
        ExpectBad(Sealed(0, view: 3), Sealed(1), Sealed(2));
        ExpectBad(Sealed(0), Sealed(1, view: 4), Sealed(2));
    }

    [Fact]
    public void Each_view_change_is_signed_by_its_sender()
    {
        var body = BodyOf(2);

        ExpectBad(Sealed(0), Sealed(1), Forge.ByReplica(_cluster, MessageKind.ViewChange, body, new(2), _cluster.Keys[1]));
        ExpectBad(Forge.ByReplica(_cluster, MessageKind.ViewChange, body, new(0), _other.Keys[0]), Sealed(1), Sealed(2));
        ExpectBad(Sealed(0), Sealed(1), Forge.WithSeal(Sealed(2), (byte)SealType.None));
        ExpectBad(Sealed(0), Sealed(1), Forge.WithSeal(Sealed(2), 3));
        ExpectBad(Sealed(0), Sealed(1), Forge.WithSeal(Sealed(2), [(byte)SealType.BatchSignature, 0, 0, 2, 0, .. new byte[96]]));
        ExpectBad(Sealed(0), Sealed(1), Forge.ByReplica(_cluster, MessageKind.ViewChange, body, new(4), _cluster.Keys[2]));
        ExpectBad(Sealed(0), Sealed(1), Forge.ByClient(_cluster, body, kind: MessageKind.ViewChange));
    }

    [Fact]
    public void No_byte_of_a_view_change_in_it_can_be_changed()
    {
        var envelope = Sealed(2);

        for (var i = 0; i < envelope.Length; i++)
        {
            envelope[i] ^= 0x10;
            ExpectBad(Sealed(0), envelope);
            envelope[i] ^= 0x10;
        }
    }

    [Fact]
    public void Each_view_change_is_of_this_cluster()
    {
        ExpectBad(Sealed(0), Sealed(1), _other.Sealer(new(2)).Seal(PeerMessages.ViewChange(new(2))));
        ExpectBad(Sealed(0), Sealed(1), Forge.ByReplica(_cluster, MessageKind.ViewChange, BodyOf(2), new(2), id: _other.Membership.Id));
    }

    [Fact]
    public void There_is_nothing_but_view_changes_in_it()
    {
        var two = new ReplicaId(2);

        ExpectBad(Sealed(0), Sealed(1), _cluster.Sealer(two).Seal(new Suspect(new(2), two)));
        ExpectBad(Sealed(0), Sealed(1), _cluster.Sealer(two).Seal(PeerMessages.NewView(_cluster, two)));
        ExpectBad(Sealed(0), Sealed(1), Forge.ByReplica(_cluster, MessageKind.NewView, BodyOf(2), two)); // signed as that, and reads as a VIEW-CHANGE
        ExpectBad(Sealed(0), Sealed(1), Forge.ByReplica(_cluster, MessageKind.Chunks, BodyOf(2), two));
        ExpectBad(Sealed(0), Sealed(1), _cluster.Request().Envelope.ToArray());
        ExpectBad(Sealed(0), Sealed(1), []);
    }

    [Fact]
    public void Each_view_change_is_well_formed()
    {
        ExpectBad(Sealed(0), Sealed(1), Sealed(2)[..^1]);
        ExpectBad(Sealed(0), Sealed(1), [.. Sealed(2), 0]);
        ExpectBad(Sealed(0), Sealed(1), Forge.ByReplica(_cluster, MessageKind.ViewChange, BodyOf(2)[..^1], new(2)));
        ExpectBad(Sealed(0), Sealed(1), Forge.ByReplica(_cluster, MessageKind.ViewChange, [.. BodyOf(2), 0], new(2)));
        ExpectBad(Sealed(0), Sealed(1), Forge.ByReplica(_cluster, MessageKind.ViewChange, new byte[Limits.ViewChangeBodyBytesMax + 1], new(2)));
    }

    [Fact]
    public void The_counts_and_lengths_must_fill_the_body_exactly()
    {
        var envelope = Sealed(2);
        var body = Body(2, 128, PeerMessages.StateDigest, choices: 1, envelope);
        const int Choices = 8 + 8 + 32;
        const int Count = Choices + 4 + 32;

        Expect(RejectReason.None, body);
        Expect(RejectReason.Malformed, [.. body, 0]);
        for (var length = 0; length < body.Length; length++) Expect(RejectReason.Malformed, body[..length]);
        Expect(RejectReason.TooLarge, With(Choices, 0xFFFFFFFF));
        Expect(RejectReason.Malformed, With(Choices, 100));
        Expect(RejectReason.TooLarge, With(Count, 0xFFFFFFFF));
        Expect(RejectReason.Malformed, With(Count, 0));
        Expect(RejectReason.Malformed, With(Count, 2));
        Expect(RejectReason.Malformed, With(Count + 4, 0xFFFFFFFF));
        Expect(RejectReason.Malformed, With(Count + 4, (uint)envelope.Length + 1));
        Expect(RejectReason.Malformed, With(Count + 4, (uint)envelope.Length - 1));

        byte[] With(int at, uint value) => [.. body[..at], .. BitConverter.GetBytes(value), .. body[(at + 4)..]];
    }

    public void Dispose()
    {
        _cluster.Dispose();
        _other.Dispose();
    }

    private static byte[] BodyOf(int sender) => Forge.Body(PeerMessages.ViewChange(new(sender)).WriteBody);

    private static byte[] Of(params byte[][] envelopes) => Body(2, 128, PeerMessages.StateDigest, choices: 2, envelopes);

    private static byte[] Body(long view, long sequence, Digest digest, int choices, params byte[][] envelopes) => Forge.Body((ref WireWriter writer) =>
    {
        writer.WriteInt64(view);
        writer.WriteInt64(sequence);
        writer.WriteDigest(digest);
        writer.WriteLength(choices);
        for (var i = 0; i < choices; i++) writer.WriteDigest(BatchEncoding.Null.Digest);
        writer.WriteLength(envelopes.Length);
        foreach (var envelope in envelopes)
        {
            writer.WriteLength(envelope.Length);
            writer.WriteBytes(envelope);
        }
    });

    private byte[] Sealed(int sender, long view = 2) => _cluster.Sealer(new(sender)).Seal(PeerMessages.ViewChange(new(sender), view));

    private void ExpectBad(params byte[][] envelopes) => Expect(RejectReason.BadViewChangeInNewView, Of(envelopes));

    private void Expect(RejectReason expected, byte[] body)
    {
        Assert.Equal(expected, _cluster.Opener().TryOpen(Forge.ByReplica(_cluster, MessageKind.NewView, body), out var input));
        Assert.Equal(expected == RejectReason.None, input.Kind == InputKind.NewView);
    }
}
