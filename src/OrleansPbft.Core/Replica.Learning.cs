namespace OrleansPbft.Core;

/// <content>A replica that does not know what it may have said is silent until nothing it says can contradict it (rule D-5, ADR 0014).</content>
public sealed partial class Replica
{
    private readonly LearnerReports _reports;
    private readonly long[] _livesKnown; // of each peer, the first life heard of; 0 where none was
    private readonly Outbox _unheard = new();
    private LifeStage _stage;
    private long _life;
    private SequenceNumber? _silentUpTo; // H
    private View _viewFloor = View.Initial;
    private ViewChange? _former; // of the highest view, of those that peers show and that it sent in a life it lost

    /// <summary>Whether it does not take part yet, for it does not know what it may have said in a life that it lost.</summary>
    public bool IsLearner => _stage == LifeStage.Learner;

    /// <summary>Whether it may say nothing that others count on: while it learns, and while its state is wrong (K-3).</summary>
    private bool IsSilent => _diverged || IsLearner;

    /// <summary>Begins a life: the journal is new. The host calls it once, before <see cref="Start"/>, and not where <see cref="Recover"/> was given any record.</summary>
    /// <param name="life">Drawn at random for this life, from 1 to <see cref="WireLimits.NumberMax"/>: no other life of this replica may have had it.</param>
    public void Join(long life)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(life, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(life, WireLimits.NumberMax);
        _life = life;
        _stage = LifeStage.Learner;
    }

    private void RecoverLives(ReplicaLives lives)
    {
        if (lives.Known.Length != _cluster.Replicas) throw new ArgumentException($"It knows of {lives.Known.Length} replicas, and there are {_cluster.Replicas}.", nameof(lives));
        (_life, _stage) = (lives.Own, lives.Stage);
        lives.Known.CopyTo(_livesKnown);
        if (_stage == LifeStage.Returned) NotePrepared(StableCheckpoint); // it took part beyond what it could have prepared, but its state may not be kept yet (C-7)
    }

    /// <summary>A learner asks at once: where the cluster is new, all wait for each other.</summary>
    private void StartLearning(Outbox outbox)
    {
        if (!IsLearner) return;
        KeepLives(outbox); // no peer may know of a life that could be forgotten
        outbox.Add(Effect.Report(ProtocolEventKind.LearnerJoined, _view, LastExecuted));
        if (_reports.IsVouchedFor) TakePart(LifeStage.Original, outbox); // n = 1
        else outbox.Add(Effect.Broadcast(OwnStatus));
    }

    /// <summary>A peer is a learner: it is told how far we are, whether we know of no other life of it, and what we hold that it could contradict.</summary>
    private void AnswerLearner(Status learner, Outbox outbox)
    {
        var vouches = Vouches(learner, outbox);
        outbox.Add(Effect.Send(learner.Sender, OwnStatus with { Echo = learner.Life, Vouches = vouches }));
        if (_viewChanges[learner.Sender.Index] is { } former && former.View > learner.View) outbox.Add(Effect.Relay(learner.Sender, former));
    }

    /// <summary>Whether the life that a learner names is the only one that we ever heard of: so that q - 1 can say it of one life only.</summary>
    private bool Vouches(Status learner, Outbox outbox)
    {
        if (_stage is not (LifeStage.Learner or LifeStage.Original)) return false; // what a lost life of ours heard, we do not know
        ref var known = ref _livesKnown[learner.Sender.Index];
        if (known == 0)
        {
            known = learner.Life;
            KeepLives(outbox);
        }

        return known == learner.Life;
    }

    /// <summary>As a learner: a peer answered this very life.</summary>
    private void NoteAnswer(Status answer, Outbox outbox)
    {
        if (!IsLearner || answer.Echo != _life) return;
        _reports.Note(answer);
        if (_reports.IsVouchedFor)
        {
            TakePart(LifeStage.Original, outbox);
        }
        else if (_silentUpTo is null && _reports is { HighestExecuted: { } executed, HighestView: { } view })
        {
            _silentUpTo = executed.Plus(_options.LogWindow);
            if (view > _viewFloor) _viewFloor = view;
            outbox.Add(Effect.Report(ProtocolEventKind.LearnerBounded, _viewFloor, executed.Plus(_options.LogWindow)));
        }
    }

    /// <summary>A peer shows what it got from a life that we lost: we may have left all views before that for good.</summary>
    private void NoteFormer(ViewChange former)
    {
        if (!(former.View > _former?.View) && _former is not null) return;
        _former = former;
        if (former.View > _viewFloor) _viewFloor = former.View;
    }

    /// <summary>What a life that we lost said, and not all may have heard: without it they might never come to the view that we may speak in.</summary>
    private void ShowFormer(Outbox outbox)
    {
        if (_former is not { } former || former.View <= _view) return;
        foreach (var peer in _cluster.All.Without(_self)) outbox.Add(Effect.Relay(peer, former));
    }

    /// <summary>Takes part again once it stands, with its state, beyond all that it could have said, in a view that it can not have left.</summary>
    private void ReturnWhenBeyond(Outbox outbox)
    {
        if (!IsLearner || _silentUpTo is not { } bound) return;
        if (_diverged || IsTransferring || !_isActive || _view < _viewFloor) return;
        if (StableCheckpoint >= bound && LastExecuted >= bound) TakePart(LifeStage.Returned, outbox);
    }

    private void TakePart(LifeStage stage, Outbox outbox)
    {
        _stage = stage;
        KeepLives(outbox); // before the first word
        outbox.Add(Effect.Report(ProtocolEventKind.TookPart, _view, StableCheckpoint, amount: (long)stage));
        MarkProgress();
        LeadFrom(StableCheckpoint);
        LeadFrom(LastExecuted);
        if (!_isActive)
        {
            LeaveFor(_view, outbox);
            OnViewChangesGathered(outbox);
            return;
        }

        _pending.Restart(_now, Allowance(_options.RequestTimeout), _idle); // nobody is to blame for what waited while nobody could be blamed
        InformLeader(outbox);
        PassOnPending(outbox);
        VoteForWaiting(outbox);
    }

    private void KeepLives(Outbox outbox) =>
        outbox.Add(Effect.Persist(JournalRecordKind.Lives, View.Initial, SequenceNumber.Zero, Digest.Zero, new ReplicaLives(_life, _stage, [.. _livesKnown])));
}
