using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Costs;

/// <summary>What PBFT needs without faults, in this project's wire format (PBFT 4.2 and 4.3; rules N-1 to N-4, K-1, A-2; docs/wire-format.md).</summary>
/// <remarks>
/// For a batch of b requests in a cluster of n: b requests to the primary, n - 1 PRE-PREPAREs, (n - 1)² PREPAREs of the backups to all others,
/// n(n - 1) COMMITs, b·n replies. A replica tells itself things without a message. For a checkpoint: n(n - 1) CHECKPOINTs.
/// In mode Signatures each broadcast is signed once, and the replies of a batch share one signature of their replica. In mode Macs a client signs and adds
/// a MAC for each replica, the PRE-PREPARE is signed, and every other message has a MAC of its own.
/// </remarks>
/// <param name="plan">The cluster.</param>
/// <param name="operationBytes">How long a request's one operation is.</param>
/// <param name="resultsBytes">How long the results in a reply are.</param>
public sealed class CostFormula(CostPlan plan, int operationBytes, int resultsBytes)
{
    private readonly long _n = plan.Replicas;
    private readonly bool _hasMacs = plan.Authentication == AuthenticationMode.Macs;

    /// <summary>How many message delays an answer takes: request, pre-prepare, prepare, commit and reply; where batches hold several requests, one more, since
    /// a request waits that long for the batch before its own.</summary>
    public static int LatencyDelays(int batch) => batch == 1 ? 5 : 6;

    /// <summary>One batch, its requests and its replies, by kind.</summary>
    public IReadOnlyDictionary<MessageKind, KindCost> OfBatch() => new SortedDictionary<MessageKind, KindCost>
    {
        [MessageKind.Request] = new KindCost(1, RequestBytes, 1, _hasMacs ? _n : 0) * plan.Batch,
        [MessageKind.PrePrepare] = new(_n - 1, (_n - 1) * PrePrepareBytes, 1, 0),
        [MessageKind.Prepare] = Broadcasts(MessageKind.Prepare, MessageEncoding.ProposalBodyBytes, senders: _n - 1),
        [MessageKind.Commit] = Broadcasts(MessageKind.Commit, MessageEncoding.ProposalBodyBytes, senders: _n),
        [MessageKind.Reply] = new(plan.Batch * _n, _n * ReplyBytesOfOneReplica, _hasMacs ? 0 : _n, _hasMacs ? plan.Batch * _n : 0),
    };

    /// <summary>One checkpoint.</summary>
    public KindCost OfCheckpoint() => Broadcasts(MessageKind.Checkpoint, MessageEncoding.CheckpointBodyBytes, senders: _n);

    private long RequestBytes =>
        MessageEncoding.RequestEnvelopeBytes(1, operationBytes) + (_hasMacs ? EnvelopeEncoding.AuthenticatorBytes(plan.Replicas) : 0);

    private long PrePrepareBytes =>
        EnvelopeEncoding.SignedBytes(MessageKind.PrePrepare) + MessageEncoding.ProposalBodyBytes
        + sizeof(uint) + BatchEncoding.HeaderBytes + (plan.Batch * (BatchEncoding.RequestHeaderBytes + RequestBytes));

    private long SealBytes => _hasMacs ? EnvelopeEncoding.MacSealBytes : EnvelopeEncoding.SignatureSealBytes;

    /// <summary>A batch's replies of one replica: under one signature, each has its place in the batch and the hashes that lead to the root.</summary>
    private long ReplyBytesOfOneReplica
    {
        get
        {
            var each = EnvelopeEncoding.HeaderBytes(MessageKind.Reply) + MessageEncoding.ReplyBodyBytesMin + resultsBytes + SealBytes;
            if (_hasMacs || plan.Batch == 1) return each * plan.Batch;
            var hashes = Enumerable.Range(0, plan.Batch).Sum(index => (long)EnvelopeEncoding.PathLength(index, plan.Batch));
            return ((each + EnvelopeEncoding.BatchSealHeaderBytes) * plan.Batch) + (hashes * Digest.Bytes);
        }
    }

    private KindCost Broadcasts(MessageKind kind, int bodyBytes, long senders)
    {
        var messages = senders * (_n - 1);
        return new(messages, messages * (EnvelopeEncoding.HeaderBytes(kind) + bodyBytes + SealBytes), _hasMacs ? 0 : senders, _hasMacs ? messages : 0);
    }
}
