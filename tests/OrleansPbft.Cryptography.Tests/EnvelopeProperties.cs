using FsCheck;
using FsCheck.Fluent;
using OrleansPbft.Core;
using OrleansPbft.Tests;
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

        Check(tests: 2000, Gen.ArrayOf(AnyByte), bytes => opener.TryOpen(bytes, out var input) != RejectReason.None && input.Kind == InputKind.None);
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

        Check(tests: 2000, damage, d =>
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

        Check(tests: 150, sample, s =>
        {
            var (view, sequence, digest) = (new View(s.view), new SequenceNumber(s.sequence), Digest.Of(s.bytes));
            var request = _cluster.Client.SealRequest(new(s.view), s.sequence, [s.bytes, s.bytes.AsMemory(s.bytes.Length / 2)]);
            var reply = new Reply(view, request.Id, new(s.view), sequence, (ReplyStatus)s.status, s.bytes, R1);
            var readReply = new ReadReply(view, request.Id.Client, s.sequence, sequence, new(s.view), (ReadStatus)(1 + (s.status % 2)), s.bytes, R1);
            byte[][] envelopes =
            [
                sealer.Seal(new Vote(VotePhase.Commit, view, sequence, digest, R1)),
                sealer.Seal(new Checkpoint(sequence, digest, R1)),
                sealer.Seal(new Status(view, s.status % 2 == 0, sequence, sequence, R1)
                {
                    HighestPrepared = new(s.view), Life = s.status % 3 == 0 ? s.view : 0, Echo = s.sequence, Vouches = s.status > 4,
                }),
                sealer.Seal(new Suspect(view, R1)),
                sealer.Seal(ViewChange(s.view, s.sequence, s.bytes, R1)),
                sealer.Seal(NewView(s.view, s.sequence, s.bytes)),
                sealer.Seal(new FetchBatch(sequence, digest, R1)),
                sealer.Seal(new FetchedBatch(sequence, BatchEncoding.Encode(new(s.view % WireLimits.TimestampMax), [request]), R1)),
                sealer.Seal(new FetchChunks(Checkpoint(s.sequence), [.. Ids(s.bytes)], R1)),
                sealer.Seal(new Chunks(Checkpoint(s.sequence), [.. Ids(s.bytes).Select(id => new Chunk(id, s.bytes))], R1)),
                sealer.Seal(new PrePrepare(view, sequence, BatchEncoding.Encode(new(s.view % WireLimits.TimestampMax), [request]), R1)),
                request.Envelope.ToArray(),
                _cluster.Client.SealRead(s.sequence, [s.bytes, s.bytes.AsMemory(s.bytes.Length / 2)]).Envelope.ToArray(),
                .. sealer.SealReplies([reply, reply], [readReply]),
            ];
            return Array.TrueForAll(envelopes, envelope => ReencodesEqually(opener, envelope));
        });
    }

    /// <summary>A faulty replica signs what it likes: no decoder throws, and what one takes it would have written just so.</summary>
    [Fact]
    public void Damaged_bodies_signed_again_never_throw_and_open_only_in_the_one_encoding()
    {
        var opener = _cluster.Opener();
        var frames = Envelopes().Select(Forge.Frame).ToArray();
        var damage = from which in Gen.Choose(0, frames.Length - 1)
                     from at in Gen.Choose(0, 4096)
                     from cut in Gen.Choose(0, 12)
                     from inserted in Gen.OneOf(Gen.ArrayOf(AnyByte), AnyByte.Select(b => new[] { b }), Gen.ArrayOf(AnyByte, 8), Gen.Constant<byte[]>([1, 0, 0, 0]))
                     select (which, at, cut, inserted);
        var opened = 0;

        Check(tests: 4000, damage, d =>
        {
            var frame = frames[d.which];
            var body = frame.Body.ToArray();
            var start = d.at % (body.Length + 1);
            var end = Math.Min(start + (d.cut == 0 ? d.inserted.Length : d.cut), body.Length); // cut nothing: overwrite
            byte[] damaged = [.. body[..start], .. d.inserted, .. body[end..]];
            var envelope = frame.IsFromClient
                ? Forge.ByClient(_cluster, damaged, kind: frame.Kind)
                : Forge.ByReplica(_cluster, frame.Kind, damaged, payload: EnvelopeFrame.HasPayload(frame.Kind) ? frame.Payload.ToArray() : null);
            if (opener.TryOpen(envelope, out _) != RejectReason.None) return true;
            opened++;
            return ReencodesEqually(opener, envelope);
        });
        if (PropertyCheck.IsThorough(usual: 4000)) Assert.InRange(opened, 100, 3900); // neither was vacuous
    }

    public void Dispose() => _cluster.Dispose();

    private static Gen<byte> AnyByte => Gen.Choose(0, 255).Select(i => (byte)i);

    private static void Check<T>(int tests, Gen<T> input, Func<T, bool> holds) => PropertyCheck.Holds(input, value => Assert.True(holds(value)), tests);

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
                case InputKind.Reply: MessageEncoding.WriteReply(ref w, input.Reply); break;
                case InputKind.Read: MessageEncoding.WriteRead(ref w, input.Read.Number, input.Read.Operations.AsSpan()); break;
                case InputKind.ReadReply: MessageEncoding.WriteReadReply(ref w, input.ReadReply); break;
                case InputKind.Request:
                    MessageEncoding.WriteRequest(ref w, input.Request.Id.Session, input.Request.Id.Number, input.Request.Operations.AsSpan());
                    break;
                default: PeerMessage(input).WriteBody(ref w); break;
            }
        });
        var start = frame.IsFromClient
            ? Forge.ByClient(_cluster, body, kind: frame.Kind).AsSpan(0, frame.Signed.Length)
            : Forge.ByReplica(_cluster, frame.Kind, body, frame.Replica).AsSpan(0, frame.Signed.Length);
        var batch = input.Kind switch
        {
            InputKind.PrePrepare => input.PrePrepare.Batch,
            InputKind.Batch => input.Batch.Batch,
            _ => null,
        };
        var payload = batch is null ? [] : BatchEncoding.Encode(batch.Timestamp, batch.Requests).Encoding.ToArray();
        return start.SequenceEqual(envelope.AsSpan(0, frame.Signed.Length)) && frame.Payload.Span.SequenceEqual(payload);
    }

    private static IPeerMessage PeerMessage(Input input) => input.Kind switch
    {
        InputKind.PrePrepare => input.PrePrepare,
        InputKind.Checkpoint => input.Checkpoint,
        InputKind.Status => input.Status,
        InputKind.Suspect => input.Suspect,
        InputKind.ViewChange => input.ViewChange,
        InputKind.NewView => input.NewView,
        InputKind.FetchBatch => input.FetchBatch,
        InputKind.Batch => input.Batch,
        InputKind.FetchChunks => input.FetchChunks,
        InputKind.Chunks => input.Chunks,
        _ => throw new InvalidOperationException($"{input.Kind} is no message of a replica to its peers."),
    };

    private static SequenceNumber Checkpoint(long number) => new(((number >> 7) + 1) << 7);

    /// <summary>As many places as there are different bytes, at most 64: of all depths, of both trees, some whole.</summary>
    private static IEnumerable<ChunkId> Ids(byte[] bytes) => bytes.Distinct().Take(FetchChunks.IdsMax - 1).Select(b =>
        PeerMessages.Id((byte)(1 + (b & 1)), (byte)((b >> 1) & 1), (byte)(2 + (b >> 3)), b)).Prepend(ChunkId.Header);

    /// <summary>A valid one: P and Q where the bytes say, at most four digests at a place, of views below.</summary>
    private static ViewChange ViewChange(long view, long number, byte[] bytes, ReplicaId sender)
    {
        var stable = Checkpoint(number);
        var places = bytes.Distinct().Order().Select(b => (At: stable.Plus(b + 1), Seed: b)).ToArray();
        var (prepared, prePrepared) = (new List<LogEntry>(), new List<LogEntry>());
        foreach (var (at, seed) in places)
        {
            var digests = Enumerable.Range(0, 1 + (seed % Core.ViewChange.PrePreparedMax)).Select(i => Digest.Of([seed, (byte)i])).Order().ToArray();
            prePrepared.AddRange(digests.Select(digest => new LogEntry(at, digest, new((view - 1) >> (seed % 8)))));
            if (seed % 3 > 0) prepared.Add(new(at, digests[0], new((view - 1) >> (seed % 8))));
        }

        HeldCheckpoint[] checkpoints = [new(stable, Digest.Of(bytes)), new(stable.Plus(128), Digest.Zero), new(stable.Plus(256), Digest.Of("s"u8))];
        return new(new(view), stable, [.. checkpoints.Take(1 + (bytes.Length % 3))], [.. prepared], [.. prePrepared], sender);
    }

    private NewView NewView(long view, long number, byte[] bytes)
    {
        ReplicaId[] senders = bytes.Length % 2 == 0 ? [R0, R1, new(3)] : [R0, R1, new(2), new(3)];
        var set = senders.Select(sender => PeerMessages.Sealed(_cluster, ViewChange(view, number, bytes, sender)));
        return new(new(view), [.. set], new(new(Checkpoint(number), Digest.Of(bytes)), [.. bytes.Select(b => Digest.Of([b]))]), R1);
    }

    private byte[][] Envelopes()
    {
        var sealer = _cluster.Sealer(R0);
        return
        [
            sealer.Seal(new Vote(VotePhase.Prepare, new(1), new(2), Digest.Of("d"u8), R0)),
            sealer.Seal(new Checkpoint(new(128), Digest.Of("s"u8), R0)),
            sealer.Seal(new Status(new(0), true, new(128), new(130), R0)),
            sealer.Seal(new Suspect(new(1), R0)),
            sealer.Seal(PeerMessages.ViewChange(R0)),
            sealer.Seal(PeerMessages.NewView(_cluster, R0)),
            sealer.Seal(new FetchBatch(new(5), Digest.Of("d"u8), R0)),
            sealer.Seal(new FetchedBatch(new(5), Proposal(_cluster.Request(1), _cluster.Request(2)).Batch, R0)),
            sealer.Seal(new FetchChunks(new(128), [ChunkId.Header, PeerMessages.Id(1, 1, 3, 0xAB, 0xC0), PeerMessages.Id(2, 0, 64, 0xAB)], R0)),
            sealer.Seal(new Chunks(new(128), [new(ChunkId.Header, Bytes("header")), new(PeerMessages.Id(2, 0, 1, 0x50), Bytes("c"))], R0)),
            sealer.Seal(Proposal(_cluster.Request(1), _cluster.Request(2))),
            _cluster.Request().Envelope.ToArray(),
            _cluster.Client.SealRead(9, [Bytes("get a"), default]).Envelope.ToArray(),
            .. sealer.SealReplies([_cluster.Reply(1), _cluster.Reply(2), _cluster.Reply(3)], [_cluster.ReadReply()]),
        ];
    }
}
