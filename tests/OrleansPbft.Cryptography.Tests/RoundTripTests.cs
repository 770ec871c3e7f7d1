using OrleansPbft.Core;
using static OrleansPbft.Cryptography.Tests.TestCluster;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>What is sealed opens as what it was, with the sender the seal proves .</summary>
public sealed class RoundTripTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    [Theory]
    [InlineData(VotePhase.Prepare)]
    [InlineData(VotePhase.Commit)]
    public void A_vote_opens_as_it_was_sealed(VotePhase phase)
    {
        var vote = new Vote(phase, new(3), new(41), Digest.Of("batch"u8), R1);

        var reason = _cluster.Opener().TryOpen(_cluster.Sealer(R1).Seal(vote), out var input);

        Assert.Equal(RejectReason.None, reason);
        Assert.Equal(InputKind.Vote, input.Kind);
        Assert.Equal(vote, input.Vote);
    }

    [Fact]
    public void A_checkpoint_and_a_status_open_as_they_were_sealed()
    {
        var checkpoint = new Checkpoint(new(128), Digest.Of("state"u8), R1);
        var status = new Status(new(2), false, new(128), new(140), R1) { HighestPrepared = new(151), Life = 5, Echo = 6, Vouches = true };

        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(_cluster.Sealer(R1).Seal(checkpoint), out var first));
        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(_cluster.Sealer(R1).Seal(status), out var second));

        Assert.Equal(checkpoint, first.Checkpoint);
        Assert.Equal(status, second.Status);
        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(_cluster.Sealer(R1).Seal(status with { IsActive = true }), out var third));
        Assert.Equal(status with { IsActive = true }, third.Status);
    }

    [Fact]
    public void A_suspicion_and_a_view_change_open_as_they_were_sealed_and_keep_their_bytes()
    {
        var suspicion = _cluster.Sealer(R1).Seal(new Suspect(new(2), R1));
        var viewChange = _cluster.Sealer(R1).Seal(PeerMessages.ViewChange(R1));

        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(suspicion, out var first));
        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(viewChange, out var second));

        Assert.Equal((new View(2), R1), (first.Suspect.View, first.Suspect.Sender));
        Assert.Equal(suspicion, first.Suspect.Envelope.ToArray());
        Assert.True(second.ViewChange.SaysTheSame(PeerMessages.ViewChange(R1)));
        Assert.Equal(viewChange, second.ViewChange.Envelope.ToArray());
    }

    [Fact]
    public void A_new_view_opens_with_every_view_change_in_it_as_its_sender_sealed_it()
    {
        var newView = PeerMessages.NewView(_cluster, R1);
        var envelope = _cluster.Sealer(R1).Seal(newView);

        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(envelope, out var input));

        var opened = input.NewView;
        Assert.Equal((newView.View, newView.Decision, R1), (opened.View, opened.Decision, opened.Sender));
        Assert.Equal(envelope, opened.Envelope.ToArray());
        Assert.Equal(newView.ViewChanges.Select(static one => one.Envelope.ToArray()), opened.ViewChanges.Select(static one => one.Envelope.ToArray()));
        for (var i = 0; i < opened.ViewChanges.Length; i++) Assert.True(opened.ViewChanges[i].SaysTheSame(newView.ViewChanges[i]));
    }

    [Fact]
    public void A_new_primary_seals_its_own_view_change_within_its_new_view()
    {
        var others = PeerMessages.NewView(_cluster, R1);
        var newView = new NewView(others.View, others.ViewChanges.SetItem(1, PeerMessages.ViewChange(R1)), others.Decision, R1);

        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(_cluster.Sealer(R1).Seal(newView), out var input));

        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(input.NewView.ViewChanges[1].Envelope, out var own));
        Assert.True(own.ViewChange.SaysTheSame(PeerMessages.ViewChange(R1)));
        Assert.Throws<ArgumentException>(() => _cluster.Sealer(new(2)).Seal(new NewView(newView.View, newView.ViewChanges, newView.Decision, new(2))));
    }

    [Fact]
    public void A_batch_and_the_question_for_it_open_as_they_were_sealed()
    {
        var batch = Proposal(_cluster.Request(1), _cluster.Request(2, "x")).Batch;
        var fetch = new FetchBatch(new(5), batch.Digest, R1);

        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(_cluster.Sealer(R1).Seal(fetch), out var first));
        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(_cluster.Sealer(R1).Seal(new FetchedBatch(new(5), batch, R1)), out var second));

        Assert.Equal(fetch, first.FetchBatch);
        var opened = second.Batch;
        Assert.Equal((new SequenceNumber(5), batch.Digest, R1), (opened.Sequence, opened.Batch.Digest, opened.Sender));
        Assert.Equal(batch.Encoding.ToArray(), opened.Batch.Encoding.ToArray());
        for (var i = 0; i < 2; i++) AssertSameRequest(batch.Requests[i], opened.Batch.Requests[i]);
    }

    [Fact]
    public void Chunks_and_the_question_for_them_open_as_they_were_sealed()
    {
        ChunkId[] ids = [ChunkId.Header, PeerMessages.Id(1, 1, 3, 0xAB, 0xC0), PeerMessages.Id(2, 0, 64, 0x12)];
        var fetch = new FetchChunks(new(256), [.. ids], R1);
        var chunks = new Chunks(new(256), [new(ids[2], Bytes("an entry")), new(ids[0], default)], R1);

        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(_cluster.Sealer(R1).Seal(fetch), out var first));
        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(_cluster.Sealer(R1).Seal(chunks), out var second));

        Assert.Equal((new SequenceNumber(256), R1), (first.FetchChunks.Sequence, first.FetchChunks.Sender));
        Assert.Equal(ids, first.FetchChunks.Ids);
        Assert.Equal((new SequenceNumber(256), R1), (second.Chunks.Sequence, second.Chunks.Sender));
        Assert.Equal(chunks.Items.Select(static c => (c.Id, Convert.ToHexString(c.Bytes.Span))), second.Chunks.Items.Select(static c => (c.Id, Convert.ToHexString(c.Bytes.Span))));
    }

    [Fact]
    public void A_request_opens_as_it_was_sealed_and_keeps_its_bytes()
    {
        var sealedRequest = _cluster.Request(number: 9, "get a", "", "put b 2");

        var reason = _cluster.Opener().TryOpen(sealedRequest.Envelope, out var input);

        Assert.Equal(RejectReason.None, reason);
        Assert.Equal(new RequestId(_cluster.ClientKey.PublicKey.ClientId, Session, 9), input.Request.Id);
        AssertSameRequest(sealedRequest, input.Request);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(WireLimits.NumberMax + 1)]
    [InlineData(long.MaxValue)]
    public void A_request_that_opens_a_session_carries_a_nonce_and_no_operation(long nonce)
    {
        var reason = _cluster.Opener().TryOpen(_cluster.Client.SealOpenSession(nonce).Envelope, out var input);

        Assert.Equal(RejectReason.None, reason);
        Assert.True(input.Request.OpensSession);
        Assert.Equal(nonce, input.Request.Id.Number);
        Assert.Empty(input.Request.Operations);
    }

    [Fact]
    public void A_proposal_opens_with_its_batch_and_every_request_in_it()
    {
        var proposal = Proposal(_cluster.Request(1), _cluster.Request(2, "x"), _cluster.Client.SealOpenSession(5));
        var envelope = _cluster.Sealer(R0).Seal(proposal);

        var reason = _cluster.Opener().TryOpen(envelope, out var input);

        Assert.Equal(RejectReason.None, reason);
        var opened = input.PrePrepare;
        Assert.Equal((proposal.View, proposal.Sequence, proposal.Digest, R0), (opened.View, opened.Sequence, opened.Digest, opened.Sender));
        Assert.Equal(proposal.Batch.Timestamp, opened.Batch.Timestamp);
        Assert.Equal(proposal.Batch.Encoding.ToArray(), opened.Batch.Encoding.ToArray());
        Assert.Equal(envelope, opened.Envelope.ToArray());
        Assert.Equal(3, opened.Batch.Requests.Length);
        for (var i = 0; i < 3; i++) AssertSameRequest(proposal.Batch.Requests[i], opened.Batch.Requests[i]);
    }

    [Fact]
    public void The_null_batch_can_be_proposed()
    {
        var proposal = new PrePrepare(new(1), new(5), BatchEncoding.Null, R1);

        var reason = _cluster.Opener().TryOpen(_cluster.Sealer(R1).Seal(proposal), out var input);

        Assert.Equal(RejectReason.None, reason);
        Assert.Equal(BatchEncoding.Null.Digest, input.PrePrepare.Digest);
        Assert.Empty(input.PrePrepare.Batch.Requests);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(100)]
    public void Replies_sealed_together_open_one_by_one(int count)
    {
        var replies = Enumerable.Range(1, count).Select(i => _cluster.Reply(number: i, results: i, sender: R1)).ToArray();

        var envelopes = _cluster.Sealer(R1).SealReplies(replies);

        var opener = _cluster.Opener();
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(RejectReason.None, opener.TryOpen(envelopes[i], out var input));
            var (expected, opened) = (replies[i], input.Reply);
            Assert.Equal(
                (expected.View, expected.Request, expected.Session, expected.Sequence, expected.Status, R1),
                (opened.View, opened.Request, opened.Session, opened.Sequence, opened.Status, opened.Sender));
            Assert.Equal(expected.Results.ToArray(), opened.Results.ToArray());
        }
    }

    [Fact]
    public void A_read_opens_as_it_was_sealed()
    {
        var sealedRead = _cluster.Client.SealRead(long.MaxValue, [Bytes("get a"), Bytes("")]);

        Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(sealedRead.Envelope, out var input));

        Assert.Equal(InputKind.Read, input.Kind);
        var read = input.Read;
        Assert.Equal((sealedRead.Client, long.MaxValue), (read.Client, read.Number));
        Assert.Equal(sealedRead.Operations.Select(static o => o.ToArray()), read.Operations.Select(static o => o.ToArray()));
        Assert.Equal(sealedRead.Envelope.ToArray(), read.Envelope.ToArray());
        Assert.Throws<ArgumentException>(() => _cluster.Client.SealRead(0, [Bytes("get a")]));
        Assert.Throws<ArgumentException>(() => _cluster.Client.SealRead(1, []));
        Assert.Throws<ArgumentException>(() => _cluster.Client.SealRead(1, [new byte[Options.RequestBytesMax]]));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 3)]
    [InlineData(2, 1)]
    [InlineData(3, 5)]
    public void Replies_to_reads_are_sealed_with_the_other_replies(int replyCount, int readCount)
    {
        var replies = Enumerable.Range(1, replyCount).Select(i => _cluster.Reply(number: i, results: i, sender: R1)).ToArray();
        var reads = Enumerable.Range(1, readCount).Select(i => _cluster.ReadReply(number: i, results: i, sender: R1)).ToArray();

        var envelopes = _cluster.Sealer(R1).SealReplies(replies, reads);

        Assert.Equal(replyCount + readCount, envelopes.Length);
        for (var i = 0; i < envelopes.Length; i++)
        {
            Assert.Equal(RejectReason.None, _cluster.Opener().TryOpen(envelopes[i], out var input));
            if (i < replyCount)
            {
                Assert.Equal(replies[i].Request, input.Reply.Request);
                continue;
            }

            var (expected, opened) = (reads[i - replyCount], input.ReadReply);
            Assert.Equal(
                (expected.View, expected.Client, expected.Number, expected.Executed, expected.Prepared, expected.Status, R1),
                (opened.View, opened.Client, opened.Number, opened.Executed, opened.Prepared, opened.Status, opened.Sender));
            Assert.Equal(expected.Results.ToArray(), opened.Results.ToArray());
        }
    }

    [Fact]
    public void More_replies_than_one_signature_covers_are_sealed_under_several()
    {
        var reply = _cluster.Reply(sender: R1);
        var replies = Enumerable.Repeat(reply, EnvelopeEncoding.BatchSealLeavesMax + 1).ToArray();

        var envelopes = _cluster.Sealer(R1).SealReplies(replies);

        var opener = _cluster.Opener();
        Assert.Equal(RejectReason.None, opener.TryOpen(envelopes[0], out _));
        Assert.Equal(RejectReason.None, opener.TryOpen(envelopes[^2], out _));
        Assert.Equal(RejectReason.None, opener.TryOpen(envelopes[^1], out _));
        Assert.Empty(_cluster.Sealer(R1).SealReplies([]));
    }

    [Fact]
    public void A_replica_seals_no_message_of_another_and_nothing_that_is_no_message()
    {
        Assert.Throws<ArgumentException>(() => _cluster.Sealer(R1).Seal(new Vote(VotePhase.Prepare, default, new(1), default, R0)));
        Assert.Throws<ArgumentException>(() => _cluster.Sealer(R1).Seal(new Suspect(new(1), R0)));
        Assert.Throws<ArgumentNullException>(() => _cluster.Sealer(R1).Seal(default(Effect)));
    }

    public void Dispose() => _cluster.Dispose();

    private static void AssertSameRequest(Request expected, Request actual)
    {
        Assert.Equal(expected.Id, actual.Id);
        Assert.Equal(expected.Envelope.ToArray(), actual.Envelope.ToArray());
        Assert.Equal(expected.Operations.Select(o => o.ToArray()), actual.Operations.Select(o => o.ToArray()));
    }
}
