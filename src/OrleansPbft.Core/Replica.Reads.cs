namespace OrleansPbft.Core;

/// <content>Reads without ordering: rule C-7, ADR 0009. What a client makes of the answers is in <see cref="QuorumRead"/>.</content>
public sealed partial class Replica
{
    private readonly ReadAdmission _readAdmission;
    private readonly Queue<WaitingRead> _waitingReads = []; // in the order in which they came, and so in that of what they wait for
    private SequenceNumber _highestPrepared;
    private long _waitingReadBytes;

    /// <summary>The highest sequence number ever prepared or executed here, in whatever view. It never goes down.</summary>
    /// <remarks>A write that any client knows of was prepared by q replicas; that each of them goes on naming it, whatever a view change
    /// makes of what was prepared without being executed, is all that keeps a read from an older state (C-7). What says too much costs
    /// a read its short cut; what says too little makes it wrong.</remarks>
    public SequenceNumber HighestPrepared => _highestPrepared > LastExecuted ? _highestPrepared : LastExecuted;

    /// <summary>Whether the state here is one that executing the agreed order makes, and nothing that was prepared is forgotten; else reads get no answer (K-3, D-5).</summary>
    /// <remarks>The view does not matter: what is executed stays executed, and what was prepared stays named. A replica on its way to
    /// another view answers as it did before, so reads go on while nobody orders; and one that is behind tells how far it is.</remarks>
    private bool AnswersReads => !IsSilent;

    private void NotePrepared(SequenceNumber sequence)
    {
        if (sequence > _highestPrepared) _highestPrepared = sequence;
    }

    /// <summary>A client's READ arrived: answered from the state at hand, once that is as new as what was prepared by now.</summary>
    /// <remarks>Under load something is always prepared and not yet executed, and an answer from before it would not be accepted. What
    /// waits is bounded, and blocks nothing; where there is no room to wait, the answer is given at once and tells the truth.</remarks>
    private void OnRead(Read read, Outbox outbox)
    {
        if (!AnswersReads) return;
        if (read.Number < 1 || read.Operations.IsEmpty || read.Operations.Length > _options.OperationsMax)
        {
            Ignore(IgnoreReason.OutOfLimits, default, outbox);
            return;
        }

        if (!_readAdmission.TryAdmit(read.Client, _now))
        {
            outbox.Add(Effect.Report(ProtocolEventKind.RefusedBusy, _view, default, amount: _waitingReads.Count));
            outbox.Add(Effect.AnswerRead(ReplyTo(read, HighestPrepared, ReadStatus.Busy, RetryHint.Encode(_options.BusyRetryAfter))));
            return;
        }

        var hasRoom = _waitingReads.Count < _options.PendingMax && _waitingReadBytes + read.Envelope.Length <= _options.PendingBytesMax;
        if (HighestPrepared > LastExecuted && hasRoom)
        {
            _waitingReads.Enqueue(new(read, HighestPrepared));
            _waitingReadBytes += read.Envelope.Length;
        }
        else
        {
            Answer(read, HighestPrepared, outbox);
        }
    }

    /// <summary>Answers the reads whose state has come.</summary>
    private void AnswerWaitingReads(Outbox outbox)
    {
        while (_waitingReads.TryPeek(out var waiting) && (!AnswersReads || waiting.Prepared <= LastExecuted))
        {
            _waitingReads.Dequeue();
            _waitingReadBytes -= waiting.Read.Envelope.Length;
            if (AnswersReads) Answer(waiting.Read, waiting.Prepared, outbox);
        }
    }

    /// <param name="read">What was asked.</param>
    /// <param name="prepared">What was prepared when it was: all that the client can have heard of before it asked.</param>
    /// <param name="outbox">Takes the answer.</param>
    private void Answer(Read read, SequenceNumber prepared, Outbox outbox)
    {
        var results = _state.Query(read);
        _readAdmission.OnAnswered(results.Length);
        outbox.Add(Effect.AnswerRead(ReplyTo(read, prepared, ReadStatus.Answered, results)));
    }

    private ReadReply ReplyTo(Read read, SequenceNumber prepared, ReadStatus status, ReadOnlyMemory<byte> results) =>
        new(_viewOfReplies, read.Client, read.Number, LastExecuted, prepared, status, results, _self) { KeyEpoch = read.KeyEpoch };

    private readonly record struct WaitingRead(Read Read, SequenceNumber Prepared);
}
