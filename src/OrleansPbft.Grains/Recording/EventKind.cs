using OrleansPbft.Core;

namespace OrleansPbft.Grains.Recording;

/// <summary>What can be told of a replica: those of <see cref="ProtocolEventKind"/> that people want to hear of, under the same numbers and names, and
/// what its host knows.</summary>
internal enum EventKind : byte
{
    None = 0,
    CheckpointStable = ProtocolEventKind.CheckpointStable,
    RefusedBusy = ProtocolEventKind.RefusedBusy,
    RequestOverdue = ProtocolEventKind.RequestOverdue,
    Resent = ProtocolEventKind.Resent,
    TransferStarted = ProtocolEventKind.TransferStarted,
    TransferCompleted = ProtocolEventKind.TransferCompleted,
    TransferOvertaken = ProtocolEventKind.TransferOvertaken,
    DonorDropped = ProtocolEventKind.DonorDropped,
    StateDiverged = ProtocolEventKind.StateDiverged,
    Suspected = ProtocolEventKind.Suspected,
    ViewChangeStarted = ProtocolEventKind.ViewChangeStarted,
    ViewEntered = ProtocolEventKind.ViewEntered,
    BatchFetched = ProtocolEventKind.BatchFetched,
    LearnerJoined = ProtocolEventKind.LearnerJoined,
    LearnerBounded = ProtocolEventKind.LearnerBounded,
    TookPart = ProtocolEventKind.TookPart,
    Accused = 64,
    MadeFaulty,
    Healed,
    Halted,
}
