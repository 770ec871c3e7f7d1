using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>What clients accepted is what the agreed order makes of their requests: replayed in a model that shares no code with the core.</summary>
internal sealed class ReplyChecker(SimulationReport report)
{
    private readonly Dictionary<RequestId, Reply> _accepted = [];

    public void Accepted(Request request, AcceptedReply accepted)
    {
        // Not the reply's own idea of what it answers: what the client asked.
        _accepted.Add(request.Id, accepted.Reply);
    }

    /// <summary>Compares every accepted reply with the model's, once the whole history is known.</summary>
    public void Check(IReadOnlyList<Batch> history, ProtocolOptions options)
    {
        var model = new HistoryModel(options.SessionsMax, options.SessionWindow);
        for (var i = 0; i < history.Count; i++) model.Execute(i + 1, history[i]);

        foreach (var (request, reply) in _accepted)
        {
            if (Problem(request, reply, model) is { } problem) throw new SimulationFailedException($"Replies: {request}: {problem}.");
            report.Count(Mark.ResultsCompared);
        }
    }

    private static string? Problem(RequestId request, Reply reply, HistoryModel model)
    {
        switch (reply.Status)
        {
            case ReplyStatus.SessionOpened:
                return model.Opened(request, reply.Session, reply.Sequence.Value) ? null : "a session was opened that the order does not open there";
            case ReplyStatus.Executed:
                if (model.OutcomeOf(request) is not { } outcome) return "a result was accepted of what the order does not execute";
                if (outcome.Sequence != reply.Sequence.Value) return $"a result of {reply.Sequence} was accepted; it was executed at n{outcome.Sequence}";
                return Compare(outcome.Results, reply.Results);
            case ReplyStatus.SessionUnknown:
                return model.WasEvicted(request.Session) ? null : "the session was said to be gone, which was never evicted";
            default:
                return $"the accepted status {reply.Status} can not be that of a correct client's request";
        }
    }

    private static string? Compare(IReadOnlyList<ModelResult> expected, ReadOnlyMemory<byte> encoding)
    {
        if (!OperationResults.TryRead(encoding, out var actual)) return "the results make no sense";
        if (actual.Length != expected.Count) return $"{actual.Length} results for {expected.Count} operations";
        for (var i = 0; i < actual.Length; i++)
        {
            if (expected[i].Differs(actual[i]) is { } difference) return $"operation {i}: {difference}";
        }

        return null;
    }
}
