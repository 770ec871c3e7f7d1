using OrleansPbft.Client;
using OrleansPbft.Core;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>How one request went: the answer that was accepted, and what each replica said.</summary>
/// <param name="What">What was asked, in words.</param>
/// <param name="Exchange">What was sent and answered.</param>
/// <param name="Replicas">n.</param>
/// <param name="Elapsed">From the call to the accepted answer, or to giving up.</param>
internal sealed record Asked(string What, Exchange Exchange, int Replicas, TimeSpan Elapsed)
{
    /// <summary>What was accepted; null when nothing was in time.</summary>
    public BundleOutcome? Outcome { get; init; }

    /// <summary>The same, read; null when nothing was accepted in time.</summary>
    public KeyValueAnswer? Answer { get; init; }

    /// <summary>Why it was given up; null when it was answered.</summary>
    public PbftTimeoutException? Timeout { get; init; }

    /// <summary>The number that was answered, where it is one.</summary>
    public long? Number => Answer is { } answer && long.TryParse(answer.Result.Value.Span, out var number) ? number : null;

    /// <summary>What one replica's word was worth for the answer.</summary>
    public Verdict VerdictOn(int replica)
    {
        if (!Exchange.TryGetReplyOf(replica, out var reply, out _)) return Verdict.None;
        if (Outcome is not { } outcome) return Verdict.Unsettled;
        var accepted = Exchange.Replies.FirstOrDefault(entry => outcome.Replicas.Contains(entry.Reply.Sender) && entry.Reply.Status == ReplyStatus.Executed
            && entry.Reply.Sequence == outcome.Sequence).Reply;
        return accepted is not null && Exchange.AreEqual(reply, accepted) ? Verdict.Equal : Verdict.Different;
    }
}
