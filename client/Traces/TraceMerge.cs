using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole.Traces;

/// <summary>Joins what several silos of a federation tell of one trace. None of them is trusted: every arrow says who told of it.</summary>
/// <remarks>When a message left is taken from its sender's silo, when it was there from its receiver's: each by its own clock, so clocks that differ show as times
/// that do not fit.</remarks>
internal static class TraceMerge
{
    /// <summary>One trace of all; as it is where there is one only.</summary>
    /// <param name="told">What each silo told; at least one, all of the same id.</param>
    public static TraceDocument Join(IReadOnlyList<TraceDocument> told)
    {
        if (told.Count == 1) return told[0];
        var start = told.Min(static one => one.Start);
        var latest = told.MaxBy(static one => one.View)!;
        var hosted = told.SelectMany(static one => one.Hosted).Distinct().Order().ToArray();
        var messages = told
            .SelectMany(one => one.Messages.Select(message => (Told: one, Message: Shift(message, OffsetOf(one, start)))))
            .GroupBy(static one => (one.Message.Kind, one.Message.From, one.Message.To))
            .Select(group => Join([.. group], hosted))
            .OrderBy(static one => one.SentUs ?? one.ArrivedUs ?? long.MaxValue).ThenBy(static one => one.ArrivedUs ?? long.MaxValue)
            .ThenBy(static one => one.Kind, StringComparer.Ordinal).ThenBy(static one => one.From).ThenBy(static one => one.To);
        return latest with
        {
            Title = FindDisagreement(told) is { } disagreement ? $"{latest.Title}; {disagreement}" : latest.Title,
            Start = start,
            DurationUs = told.Max(one => OffsetOf(one, start) + one.DurationUs),
            Hosted = hosted,
            Complete = told.Where(static one => one.Complete).SelectMany(static one => one.Hosted).Distinct().Count() >= Math.Min(latest.Quorum, hosted.Length),
            TraceId = told.Select(static one => one.TraceId).FirstOrDefault(static id => id is not null),
            Messages = [.. messages],
            Phases =
            [
                .. told.SelectMany(one => one.Phases.Select(phase => Shift(phase, OffsetOf(one, start))))
                    .OrderBy(static one => one.Replica).ThenBy(static one => one.BeganUs),
            ],
            Events = [.. told.SelectMany(one => one.Events.Select(what => what with { AtUs = what.AtUs + OffsetOf(one, start) })).OrderBy(static one => one.AtUs)],
        };
    }

    private static TraceMessageDocument Join((TraceDocument Told, TraceMessageDocument Message)[] told, int[] hosted)
    {
        var first = told[0].Message;
        var sent = told.FirstOrDefault(one => one.Told.Hosted.Contains(first.From)).Message?.SentUs;
        var arrived = told.FirstOrDefault(one => one.Told.Hosted.Contains(first.To)).Message?.ArrivedUs;
        var worst = told.Select(static one => one.Message).FirstOrDefault(static one => one.Mark is not null and not TraceMessageDocument.Unseen);
        var isSeen = IsKnown(first.From) && IsKnown(first.To);
        var (mark, note) = worst is not null ? (worst.Mark, worst.Note)
            : !isSeen ? (TraceMessageDocument.Unseen, first.Note)
            : first.To == TraceMessageDocument.Client || first.From == TraceMessageDocument.Client ? (null, first.Note)
            : arrived is null ? (TraceMessageDocument.Missing, $"replica {first.To} tells of none")
            : sent is null ? (null, $"replica {first.From} tells of none")
            : ((string?)null, first.Note);
        return first with
        {
            SentUs = sent,
            ArrivedUs = arrived,
            Mark = mark,
            Note = note,
            ToldBy = [.. told.SelectMany(one => one.Told.Hosted.Where(replica => replica == first.From || replica == first.To)).Distinct().Order()],
        };

        bool IsKnown(int end) => end == TraceMessageDocument.Client || hosted.Contains(end);
    }

    private static string? FindDisagreement(IReadOnlyList<TraceDocument> told)
    {
        var digests = told.Where(static one => one.Digest is not null).GroupBy(static one => one.Digest!, StringComparer.Ordinal).ToArray();
        return digests.Length < 2
            ? null
            : "the silos disagree on its digest: " + string.Join(", ", digests.Select(static group =>
                $"{group.Key} says {string.Join(" and ", group.SelectMany(static one => one.Hosted).Order().Select(static replica => $"replica {replica}"))}"));
    }

    private static long OffsetOf(TraceDocument told, DateTime start) => (told.Start - start).Ticks / TimeSpan.TicksPerMicrosecond;

    private static TraceMessageDocument Shift(TraceMessageDocument message, long offset) =>
        message with { SentUs = message.SentUs + offset, ArrivedUs = message.ArrivedUs + offset };

    private static TracePhaseDocument Shift(TracePhaseDocument phase, long offset) => phase with { BeganUs = phase.BeganUs + offset, EndedUs = phase.EndedUs + offset };
}
