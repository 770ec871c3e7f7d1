using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Grains.Machines;

namespace OrleansPbft.Grains.Recording;

/// <summary>Makes sentences of events.</summary>
internal static class EventWording
{
    /// <summary>The event as the API tells it.</summary>
    public static EventDocument Describe(in RecordedEvent what) => new()
    {
        Id = what.Id,
        At = HostClock.ToTime(new(what.At)).UtcDateTime,
        Replica = what.Replica,
        Kind = what.Kind.ToString(),
        View = what.View,
        Sequence = what.Sequence,
        About = IsAboutAnother(what.Kind) ? what.About : null,
        Severity = SeverityOf(what.Kind),
        Text = $"replica {what.Replica} {Say(what)}",
    };

    /// <summary>What the replica did, or what was done to it: a sentence that lacks but its subject.</summary>
    public static string Say(in RecordedEvent what)
    {
        var text = SayOnce(what);
        return what.Held > 0 ? $"{text} (and {what.Held} more like this since the last one told)" : text;
    }

    /// <summary>Why a view is suspected.</summary>
    public static string Say(SuspicionCause cause) => cause switch
    {
        SuspicionCause.RequestOverdue => "a request waited too long",
        SuspicionCause.OrderingTooSlow => "the oldest request waited while others were ordered",
        SuspicionCause.Equivocation => "its primary was caught equivocating",
        SuspicionCause.NewViewOverdue => "it did not begin, or made no progress, in time",
        _ => "for no known reason",
    };

    /// <summary>What a replica was caught at.</summary>
    public static string Say(EvidenceKind kind) => kind switch
    {
        EvidenceKind.EquivocatingProposal => "two proposals for one sequence number",
        EvidenceKind.EquivocatingVote => "two votes in one phase",
        EvidenceKind.ProposalByBackup => "a proposal in a view that it does not lead",
        EvidenceKind.PrepareByPrimary => "a PREPARE for its own proposal",
        EvidenceKind.EquivocatingCheckpoint => "two digests of its state at one checkpoint",
        EvidenceKind.EquivocatingViewChange => "two VIEW-CHANGEs for one view",
        EvidenceKind.WrongNewView => "a NEW-VIEW that does not follow from its VIEW-CHANGEs",
        EvidenceKind.WrongChunk => "a chunk of state that is not what its digest says",
        EvidenceKind.UnverifiedRequest => "a proposal with a request that is not its client's",
        _ => "what no correct replica does",
    };

    private static string SayOnce(in RecordedEvent what) => what.Kind switch
    {
        EventKind.CheckpointStable => $"has a stable checkpoint at n {what.Sequence}",
        EventKind.RefusedBusy => $"refused a request as busy: {what.Amount} wait",
        EventKind.RequestOverdue => $"has a request that was not executed for {what.Amount / 1000} ms",
        EventKind.Resent => $"sent replica {what.About} again what it lacked: {what.Amount} {(what.Amount == 1 ? "message" : "messages")}",
        EventKind.TransferStarted => $"fetches the state at n {what.Sequence} from its peers",
        EventKind.TransferCompleted => $"has fetched the state at n {what.Sequence}: {what.Amount} bytes",
        EventKind.TransferOvertaken => $"needs the state at n {what.Sequence} no more: its log led there",
        EventKind.DonorDropped => $"asks replica {what.About} no more for the state at n {what.Sequence}",
        EventKind.StateDiverged => $"has another state at n {what.Sequence} than a quorum certified: it neither votes nor replies until it is repaired",
        EventKind.Suspected => $"suspects view {what.View}: {Say((SuspicionCause)what.Amount)}",
        EventKind.ViewChangeStarted => $"left the view before, and changes to view {what.View}",
        EventKind.ViewEntered => $"entered view {what.View}, led by replica {what.About}",
        EventKind.BatchFetched => $"asks for the batch at n {what.Sequence}, which view {what.View} carries over",
        EventKind.LearnerJoined => "joins as a learner: it does not know what it may have said, and is silent",
        EventKind.LearnerBounded => $"takes part again beyond n {what.Sequence}, and is silent until then",
        EventKind.TookPart when what.Amount == (long)LifeStage.Original => "takes part: it never spoke before",
        EventKind.TookPart => $"takes part again, beyond n {what.Sequence}",
        EventKind.Accused => $"accuses replica {what.About} of {Say((EvidenceKind)what.Amount)}{Place(what)}",
        EventKind.MadeFaulty => $"was made faulty on purpose: {what.Detail}",
        EventKind.Healed => "was healed",
        EventKind.Halted => $"stopped for good: {what.Detail}",
        _ => "did something",
    };

    private static string Place(in RecordedEvent what) => what.Sequence > 0 ? $", at n {what.Sequence} in view {what.View}" : $", in view {what.View}";

    private static bool IsAboutAnother(EventKind kind) => kind is EventKind.Accused or EventKind.Suspected or EventKind.ViewEntered or EventKind.Resent or EventKind.DonorDropped;

    private static string SeverityOf(EventKind kind) => kind switch
    {
        EventKind.StateDiverged or EventKind.Accused or EventKind.MadeFaulty or EventKind.Halted => EventDocument.Fault,
        EventKind.RefusedBusy or EventKind.RequestOverdue or EventKind.TransferStarted or EventKind.DonorDropped
            or EventKind.Suspected or EventKind.ViewChangeStarted or EventKind.LearnerJoined => EventDocument.Warning,
        _ => EventDocument.Info,
    };
}
