using OrleansPbft.Core;

namespace OrleansPbft.Grains.Telemetry;

/// <summary>How far each peer is, by what it last said: executed, by its STATUS and CHECKPOINTs, or about to, by its COMMITs. Written by one thread, read by any.</summary>
/// <param name="replicas">n.</param>
internal sealed class PeerProgress(int replicas)
{
    private readonly long[] _heard = new long[replicas];

    /// <summary>A peer said something.</summary>
    public void OnInput(in Input input)
    {
        switch (input.Kind)
        {
            case InputKind.Vote when input.Vote.Phase == VotePhase.Commit: Hear(input.Vote.Sender, input.Vote.Sequence); break;
            case InputKind.Checkpoint: Hear(input.Checkpoint.Sender, input.Checkpoint.Sequence); break;
            case InputKind.Status: Hear(input.Status.Sender, input.Status.LastExecuted, isNow: true); break;
        }
    }

    /// <summary>How many sequence numbers a peer is behind; 0 where it is ahead.</summary>
    public long LagOf(int peer, long lastExecuted) => Math.Max(0, lastExecuted - Volatile.Read(ref _heard[peer]));

    // A STATUS may take back what was said before: of a peer that lost its disk, or that exaggerated.
    private void Hear(ReplicaId sender, SequenceNumber sequence, bool isNow = false)
    {
        if ((uint)sender.Index >= (uint)_heard.Length) return;
        ref var heard = ref _heard[sender.Index];
        if (isNow || sequence.Value > heard) Volatile.Write(ref heard, sequence.Value);
    }
}
