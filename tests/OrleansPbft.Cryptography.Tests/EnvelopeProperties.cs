using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using OrleansPbft.Core;
using static OrleansPbft.Cryptography.Tests.TestCluster;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>Properties of the format over generated input; the seed is fixed, so a run is the same run everywhere (A-4, LESSONS B37).</summary>
public sealed class EnvelopeProperties : IDisposable
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void Random_bytes_never_throw_and_are_never_accepted()
    {
        var opener = _cluster.Opener();

        Check(tests: 2000, Gen.ArrayOf(AnyByte).ToArbitrary(), bytes =>
            opener.TryOpen(bytes, out var input) != RejectReason.None && input.Kind == InputKind.None);
    }

    [Fact]
    public void Damaged_envelopes_never_throw_and_are_never_accepted()
    {
        var opener = _cluster.Opener();
        var envelopes = Envelopes();
        var damage = from which in Gen.Choose(0, envelopes.Length - 1)
                     from at in Gen.Choose(0, 4096)
                     from cut in Gen.Choose(0, 12)
                     from inserted in Gen.ArrayOf(AnyByte)
                     select (which, at, cut, inserted);

        Check(tests: 2000, damage.ToArbitrary(), d =>
        {
            var envelope = envelopes[d.which];
            var start = d.at % envelope.Length;
            var end = Math.Min(start + d.cut, envelope.Length);
            byte[] damaged = [.. envelope[..start], .. d.inserted, .. envelope[end..]];
            return damaged.AsSpan().SequenceEqual(envelope) || opener.TryOpen(damaged, out _) != RejectReason.None;
        });
    }

    [Fact]
    public void Any_message_opens_as_it_was_sealed_and_would_be_written_the_same_again()
    {
        var opener = _cluster.Opener();
        var sealer = _cluster.Sealer(R1);
        var numbers = Gen.Choose(1, int.MaxValue).Select(i => (long)i * 2_000_000_011L % WireLimits.NumberMax + 1);
        var sample = from view in numbers
                     from sequence in numbers
                     from bytes in Gen.ArrayOf(AnyByte)
                     from status in Gen.Choose(1, 7)
                     select (view, sequence, bytes, status);

        Check(tests: 150, sample.ToArbitrary(), s =>
        {
            var (view, sequence, digest) = (new View(s.view), new SequenceNumber(s.sequence), Digest.Of(s.bytes));
            var request = _cluster.Client.SealRequest(new(s.view), s.sequence, [s.bytes, s.bytes.AsMemory(s.bytes.Length / 2)]);
            var reply = new Reply(view, request.Id, new(s.view), sequence, (ReplyStatus)s.status, s.bytes, R1);
            byte[][] envelopes =
            [
                sealer.Seal(new Vote(VotePhase.Commit, view, sequence, digest, R1)),
                sealer.Seal(new Checkpoint(sequence, digest, R1)),
                sealer.Seal(new Status(view, s.status % 2 == 0, sequence, sequence, R1)),
                sealer.Seal(new PrePrepare(view, sequence, BatchEncoding.Encode(new(s.view % WireLimits.TimestampMax), [request]), R1)),
                request.Envelope.ToArray(),
                .. sealer.SealReplies([reply, reply]),
            ];
            return Array.TrueForAll(envelopes, envelope => ReencodesEqually(opener, envelope));
        });
    }

    public void Dispose() => _cluster.Dispose();

    private static Gen<byte> AnyByte => Gen.Choose(0, 255).Select(i => (byte)i);

    private static void Check<T>(int tests, Arbitrary<T> arbitrary, Func<T, bool> property)
    {
        var replay = FSharpOption<Replay>.Some(new Replay(new Rnd(20260826UL, 1UL), FSharpOption<int>.None));
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(tests).WithReplay(replay), Prop.ForAll(arbitrary, property));
    }

    /// <summary>Writes the opened message again, with the seal it came with, and compares all bytes.</summary>
    private bool ReencodesEqually(EnvelopeOpener opener, byte[] envelope)
    {
        if (opener.TryOpen(envelope, out var input) != RejectReason.None) return false;
        var frame = Forge.Frame(envelope);
        var body = Forge.Body((ref WireWriter w) =>
        {
            switch (input.Kind)
            {
                case InputKind.Vote: MessageEncoding.WriteProposal(ref w, input.Vote.View, input.Vote.Sequence, input.Vote.Digest); break;
                case InputKind.PrePrepare: MessageEncoding.WriteProposal(ref w, input.PrePrepare.View, input.PrePrepare.Sequence, input.PrePrepare.Digest); break;
                case InputKind.Checkpoint: input.Checkpoint.WriteBody(ref w); break;
                case InputKind.Status: input.Status.WriteBody(ref w); break;
                case InputKind.Reply: MessageEncoding.WriteReply(ref w, input.Reply); break;
                case InputKind.Request:
                    MessageEncoding.WriteRequest(ref w, input.Request.Id.Session, input.Request.Id.Number, input.Request.Operations.AsSpan());
                    break;
                default: throw new InvalidOperationException($"{input.Kind} is no message.");
            }
        });
        var start = frame.IsFromClient
            ? Forge.ByClient(_cluster, body).AsSpan(0, frame.Signed.Length)
            : Forge.ByReplica(_cluster, frame.Kind, body, frame.Replica).AsSpan(0, frame.Signed.Length);
        var payload = input.Kind != InputKind.PrePrepare ? []
            : BatchEncoding.Encode(input.PrePrepare.Batch.Timestamp, input.PrePrepare.Batch.Requests).Encoding.ToArray();
        return start.SequenceEqual(envelope.AsSpan(0, frame.Signed.Length)) && frame.Payload.Span.SequenceEqual(payload);
    }

    private byte[][] Envelopes()
    {
        var sealer = _cluster.Sealer(R0);
        return
        [
            sealer.Seal(new Vote(VotePhase.Prepare, new(1), new(2), Digest.Of("d"u8), R0)),
            sealer.Seal(new Checkpoint(new(128), Digest.Of("s"u8), R0)),
            sealer.Seal(new Status(new(0), true, new(128), new(130), R0)),
            sealer.Seal(Proposal(_cluster.Request(1), _cluster.Request(2))),
            _cluster.Request().Envelope.ToArray(),
            .. sealer.SealReplies([_cluster.Reply(1), _cluster.Reply(2), _cluster.Reply(3)]),
        ];
    }
}
