namespace OrleansPbft.Core;

/// <content>State transfer: rules ST-1 ... ST-3, VC-6.</content>
public sealed partial class Replica
{
    private bool _fellBehind;

    private bool IsTransferring => _fellBehind && _certified > LastExecuted;

    /// <summary>The new view starts from a checkpoint that f + 1 replicas hold: ours is that one, or is wrong, or is to be fetched.</summary>
    private void AdoptBase(HeldCheckpoint target, Outbox outbox)
    {
        if (target.Sequence <= StableCheckpoint) return;
        if (target.Sequence > _certified) _certified = target.Sequence;
        if (_checkpoints.Find(target.Sequence) is { } votes && votes.Voters.Contains(_self))
        {
            var own = new Checkpoint(target.Sequence, votes.VoteOf(_self), _self);
            if (own.Digest == target.Digest) Stabilise(own, outbox);
            else Diverge(own, outbox);
        }
    }

    /// <summary>q replicas certified a state beyond ours and nothing of the way there is at hand: they dropped it.</summary>
    private void NoticeFallingBehind(Outbox outbox)
    {
        if (_fellBehind || _certified <= LastExecuted || _log.Find(LastExecuted.Next) is { Committed: not null }) return;
        _fellBehind = true;
        outbox.Add(Effect.Report(ProtocolEventKind.FellBehind, _view, _certified));
    }
}
