using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <content>State transfer: rules ST-1 ... ST-3, VC-6, K-3. The window moves with a target that the log can not lead to at once, so that what is ordered
/// meanwhile is kept, and voted on as far as it may be.</content>
public sealed partial class Replica
{
    /// <summary>How many checkpoints' states are kept beside those that are not stable yet: a download may outlast one.</summary>
    private const int SnapshotsKept = 4;

    /// <summary>A donor's first time to answer, in status intervals. It doubles with each that is missed, so often at most.</summary>
    private const int AnswerIntervals = 4;

    private const int AnswerDoublingsMax = 4;

    private readonly List<StateSnapshot> _snapshots = []; // in ascending order
    private readonly Ask?[] _asks; // of each donor, the one that is outstanding
    private StateDownload? _download;
    private HeldCheckpoint _vouched; // the newest that f + 1 replicas vouch for
    private ReplicaSet _unhelpful; // donors that are no help with this target: they do not have it, or repeat what is there
    private ReplicaSet _stalling; // donors that did not answer in time: last in line, for later targets and transfers too
    private ReplicaSet _liars; // donors that are not asked again
    private int _missed; // answers that did not come in time, one after another

    /// <summary>Whether the state is being fetched.</summary>
    private bool IsTransferring => _download is not null;

    private Instant TransferDue
    {
        get
        {
            var due = Instant.Never;
            if (_download is null) return due;
            foreach (var ask in _asks) due = Earliest(due, ask?.Due ?? Instant.Never);
            return due;
        }
    }

    /// <summary>The new view starts from a checkpoint that f + 1 replicas hold: ours is that one, or is wrong, or is to be fetched (VC-6).</summary>
    private void AdoptBase(HeldCheckpoint target, Outbox outbox)
    {
        if (target.Sequence <= StableCheckpoint) return;
        Vouch(target);
        if (LastExecuted < target.Sequence)
        {
            BeginTransfer(target, outbox);
            if (target.Sequence > StableCheckpoint) MoveWindow(target, outbox); // a later state is fetched already, and the choices need their window
        }
        else if (_checkpoints.Find(target.Sequence) is { } votes && votes.Voters.Contains(_self))
        {
            if (votes.VoteOf(_self) == target.Digest) Stabilise(target, outbox);
            else Diverge(target, outbox);
        }
    }

    private void Vouch(HeldCheckpoint target)
    {
        if (target.Sequence > _vouched.Sequence && target.Digest != Digest.Zero) _vouched = target;
    }

    /// <summary>f + 1 replicas vouch for a state beyond ours and nothing of the way there is at hand: they dropped it.</summary>
    private void NoticeFallingBehind(Outbox outbox)
    {
        if (_download is null && _vouched.Sequence > LastExecuted && _log.Find(LastExecuted.Next) is not { Committed: not null }) BeginTransfer(_vouched, outbox);
    }

    /// <summary>Starts to fetch the state at a checkpoint that f + 1 replicas vouch for, or goes on to a newer one (ST-1, LESSONS B42).</summary>
    private void BeginTransfer(HeldCheckpoint target, Outbox outbox)
    {
        if (_download?.Sequence >= target.Sequence) return;
        if (_download is null)
        {
            _liars = ReplicaSet.Empty;
            _missed = 0;
            if (_diverged) _state.Rehash();
            outbox.Add(Effect.Report(ProtocolEventKind.TransferStarted, _view, target.Sequence, target.Digest));
        }

        _download = _download?.Retarget(target.Sequence, target.Digest) ?? new(target.Sequence, target.Digest, _state);
        _unhelpful = ReplicaSet.Empty;
        _newViewDue = Instant.Never; // not for the primary's fault
        for (var i = 0; i < _asks.Length; i++)
        {
            if (_asks[i] is not null) _stalling = _stalling.With(new(i)); // where targets move faster than a slow donor answers, others come first
            _asks[i] = null;
        }

        FollowTarget(outbox);
        AskDonors(outbox);
    }

    /// <summary>Moves the window with the target: to it, where enough other replicas have left what is before it behind; else as far as one correct replica proves.</summary>
    /// <remarks>
    /// Who drops its log up to n can not help those to n who are not there yet. Where q certified n, or a view begins there, f + 1 correct replicas hold its
    /// state; where 2f others vouch for it, f + 1 do once we have it too. With fewer, f of them liars that fall silent, one correct replica and we might be
    /// all, and no view could ever begin (VC-4). But one correct replica that executed n proves that n - L is stable; and beyond that we never voted.
    /// </remarks>
    private void FollowTarget(Outbox outbox)
    {
        if (_download is not { } download || download.Sequence <= StableCheckpoint) return;
        var target = new HeldCheckpoint(download.Sequence, download.Digest);
        var isShared = target.Sequence <= _certified || _newView?.Decision.Base.Sequence >= target.Sequence || _diverged;
        var isBeyond = target.Sequence > _log.HighWatermark;
        if (isShared || (isBeyond && VouchersOf(target) >= 2 * _cluster.MaxFaulty))
        {
            MoveWindow(target, outbox);
        }
        else if (isBeyond)
        {
            MoveWindow(new(new(target.Sequence.Value - _options.LogWindow), Digest.Zero), outbox);
            TakeFar(outbox);
        }
    }

    private int VouchersOf(HeldCheckpoint target)
    {
        var vouching = _checkpoints.Find(target.Sequence)?.For(target.Digest) ?? ReplicaSet.Empty;
        foreach (var one in _far)
        {
            if (one is not null && one.Sequence == target.Sequence && one.Digest == target.Digest) vouching = vouching.With(one.Sender);
        }

        return vouching.Count;
    }

    private void MoveWindow(HeldCheckpoint to, Outbox outbox)
    {
        outbox.Add(Effect.Persist(JournalRecordKind.StableCheckpoint, _view, to.Sequence, to.Digest)); // votes follow that no older window admits (D-3)
        _log.Truncate(to.Sequence);
        _stable = to;
        ForgetWanted();
        if (IsPrimary) InformLeader(outbox);
        VoteForWaiting(outbox);
    }

    private void EndTransfer()
    {
        _download = null;
        Array.Clear(_asks);
    }

    /// <summary>Asks every donor that owes no answer for the next chunks.</summary>
    private void AskDonors(Outbox outbox)
    {
        if (_download is null) return;
        var donors = _cluster.All.Without(_self).Except(_liars);
        if (donors.Except(_unhelpful).Except(_stalling).Count == 0) _unhelpful = _stalling = ReplicaSet.Empty;
        foreach (var donor in donors.Except(_unhelpful).Except(_stalling))
        {
            if (_asks[donor.Index] is not null) continue;
            var ids = ImmutableArray.CreateBuilder<ChunkId>();
            while (ids.Count < FetchChunks.IdsMax && _download.TryNextWanted(out var id)) ids.Add(id);
            if (ids.Count == 0) return;

            var fetch = new FetchChunks(_download.Sequence, ids.ToImmutable(), _self);
            _asks[donor.Index] = new(fetch.Ids, _now.Plus(_options.StatusInterval * (AnswerIntervals << Math.Min(_missed, AnswerDoublingsMax))));
            outbox.Add(Effect.Send(donor, fetch));
        }
    }

    private void OnFetchChunks(FetchChunks fetch, Outbox outbox)
    {
        if (!IsPeer(fetch.Sender, outbox)) return;
        if (!MayServe(fetch.Sender, cost: 1))
        {
            Ignore(IgnoreReason.TooSoon, fetch.Sender, outbox);
            return;
        }

        var items = ImmutableArray.CreateBuilder<Chunk>();
        var bytes = 0;
        if (!IsSilent && _snapshots.Find(one => one.Sequence == fetch.Sequence) is { } snapshot)
        {
            foreach (var id in fetch.Ids)
            {
                if (bytes >= Chunks.BytesAim) break;
                if (!snapshot.TryRead(id, StateSnapshot.ChunkBytesDefault, out var chunk)) continue;
                items.Add(new(id, chunk));
                bytes += chunk.Length;
            }
        }
        else if (!IsSilent && !IsTransferring && StableCheckpoint > fetch.Sequence && KnowsStable)
        {
            outbox.Add(Effect.Send(fetch.Sender, new Checkpoint(StableCheckpoint, _stable.Digest, _self)));
        }

        outbox.Add(Effect.Send(fetch.Sender, new Chunks(fetch.Sequence, items.ToImmutable(), _self)));
    }

    private void OnChunks(Chunks chunks, Outbox outbox)
    {
        if (!IsPeer(chunks.Sender, outbox)) return;
        if (_download is null || chunks.Sequence != _download.Sequence || _liars.Contains(chunks.Sender))
        {
            Ignore(IgnoreReason.NotWanted, chunks.Sender, outbox);
            return;
        }

        var helped = false;
        foreach (var chunk in chunks.Items)
        {
            // An answer that comes late is as good as any: what it says is verified, and what came meanwhile is not wanted.
            var outcome = _download.Offer(chunk.Id, chunk.Bytes);
            if (outcome == ChunkOutcome.Accepted) helped = true;
            if (outcome != ChunkOutcome.Bad) continue;
            _liars = _liars.With(chunks.Sender);
            Accuse(new(EvidenceKind.WrongChunk, chunks.Sender, _view, chunks.Sequence, _download.Digest, default), outbox);
            ReportDropped(chunks.Sender, outbox);
            break;
        }

        var owes = chunks.Items.IsEmpty;
        if (_asks[chunks.Sender.Index] is { } ask)
        {
            _asks[chunks.Sender.Index] = null;
            _missed = 0;
            foreach (var id in ask.Ids)
            {
                owes |= _download.Wants(id);
                _download.GiveBack(id); // what did not fit, or was not true
            }
        }

        // Who answers with what nobody asked for, again and again, is as little help as who has nothing.
        var isUseless = owes && !helped;
        _stalling = _stalling.Without(chunks.Sender);
        _unhelpful = isUseless ? _unhelpful.With(chunks.Sender) : _unhelpful.Without(chunks.Sender);
        if (isUseless) ReportDropped(chunks.Sender, outbox);
        if (_download.IsComplete) FinishTransfer(outbox);
        else if (isUseless && _vouched.Sequence > _download.Sequence) BeginTransfer(_vouched, outbox);
        else AskDonors(outbox);
    }

    /// <summary>Donors that stall are left alone for now, and what they owe is asked of others; where the target is old, of a newer one.</summary>
    private void WatchTransfer(Outbox outbox)
    {
        if (_download is null || TransferDue > _now) return;
        for (var i = 0; i < _asks.Length; i++)
        {
            if (_asks[i] is not { } ask || ask.Due > _now) continue;
            _asks[i] = null;
            _missed++;
            foreach (var id in ask.Ids) _download.GiveBack(id);
            _stalling = _stalling.With(new(i));
            ReportDropped(new(i), outbox);
        }

        if (_vouched.Sequence > _download.Sequence) BeginTransfer(_vouched, outbox);
        else AskDonors(outbox);
    }

    private void ReportDropped(ReplicaId donor, Outbox outbox) =>
        outbox.Add(Effect.Report(ProtocolEventKind.DonorDropped, _view, _download?.Sequence ?? default, about: donor));

    /// <summary>Everything has come and been verified: becomes that state at once, and goes on with the log from there (ST-3).</summary>
    private void FinishTransfer(Outbox outbox)
    {
        NotePrepared(LastExecuted); // where our own state was wrong, the one fetched may be older
        if (!_state.Restore(_download!))
        {
            if (!_download!.IsComplete) // a part taken from our own state was damaged: it is wanted now
            {
                AskDonors(outbox);
                return;
            }

            // A state that this service or these options can not have: only another target could help.
            ReportDropped(_self, outbox);
            _download = null;
            return;
        }

        outbox.Add(Effect.Report(ProtocolEventKind.TransferCompleted, _view, LastExecuted, _download!.Digest, amount: _download.BytesTaken));
        EndTransfer();
        if (_diverged)
        {
            _diverged = false;
            _checkpoints.Forget(_self); // what our wrong state digested to
        }

        _snapshots.Clear();
        if (LastExecuted > StableCheckpoint)
        {
            TakeCheckpoint(LastExecuted, outbox); // our vote may be the one that certifies it
        }
        else
        {
            _snapshots.Add(_state.TakeSnapshot());
            outbox.Add(Effect.Persist(JournalRecordKind.StableCheckpoint, _view, LastExecuted, _snapshots[0].Digest, _snapshots[0]));
            if (_certified < LastExecuted && !IsLearner) outbox.Add(Effect.Broadcast(new Checkpoint(LastExecuted, _snapshots[0].Digest, _self))); // it may be the one they lack
        }

        MarkProgress();
        AnswerExecuted(outbox);
        ExecuteReady(outbox);
        InformLeader(outbox);
        if (!_isActive) OnViewChangesGathered(outbox);
    }

    /// <summary>Requests that waited here and were executed in the state that was fetched are answered from it.</summary>
    private void AnswerExecuted(Outbox outbox)
    {
        var waiting = new List<Request>(_pending.Count);
        _pending.CopyTo(waiting, _pending.Count);
        foreach (var request in waiting)
        {
            if (_state.Answer(request, _viewOfReplies, _self) is not { } answer) continue;
            _pending.Remove(request.Id);
            Answer(answer, outbox);
        }
    }

    /// <summary>What one donor was asked for, and until when it may answer.</summary>
    private sealed record Ask(ImmutableArray<ChunkId> Ids, Instant Due);
}
