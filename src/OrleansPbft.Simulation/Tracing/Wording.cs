using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.Simulation.Tracing;

/// <summary>Words messages as the paper writes them, and clients by their numbers.</summary>
internal sealed class Wording
{
    private readonly Dictionary<ClientId, int> _clients = [];

    public void Know(ClientId client, int number) => _clients[client] = number;

    public string Describe(in Input message) => message.Kind switch
    {
        InputKind.Request => $"REQUEST {Describe(message.Request.Id)} {Operations(message.Request)}".TrimEnd(),
        InputKind.Read => $"READ {message.Read.Number} [{string.Join("; ", message.Read.Operations.Select(operation => Operation(operation.Span)))}]",
        InputKind.PrePrepare => $"PRE-PREPARE {message.PrePrepare.View} {message.PrePrepare.Sequence} d:{message.PrePrepare.Digest} " +
            $"[{string.Join(", ", message.PrePrepare.Batch.Requests.Select(request => Describe(request.Id)))}]",
        InputKind.Vote => $"{(message.Vote.Phase == VotePhase.Prepare ? "PREPARE" : "COMMIT")} {message.Vote.View} {message.Vote.Sequence} d:{message.Vote.Digest}",
        InputKind.Checkpoint => $"CHECKPOINT {message.Checkpoint.Sequence} d:{message.Checkpoint.Digest}",
        InputKind.Reply => $"REPLY {message.Reply.View} {Describe(message.Reply.Request)} {message.Reply.Sequence} {Results(message.Reply)}",
        InputKind.Suspect => $"SUSPECT {message.Suspect.View}",
        InputKind.ViewChange => $"VIEW-CHANGE {Describe(message.ViewChange)}",
        InputKind.NewView => $"NEW-VIEW {message.NewView.View} of {string.Join(',', message.NewView.ViewChanges.Select(static one => one.Sender.Index))}: " +
            $"{Describe(message.NewView.Decision)}",
        InputKind.FetchBatch => $"FETCH-BATCH {message.FetchBatch.Sequence} d:{message.FetchBatch.Digest}",
        InputKind.FetchChunks => Without(message.FetchChunks.Sender, $"{message.FetchChunks}"),
        InputKind.Chunks => Without(message.Chunks.Sender, $"{message.Chunks}"),
        InputKind.Batch => $"BATCH {message.Batch.Sequence} d:{message.Batch.Batch.Digest}",
        InputKind.Status => $"STATUS {message.Status.View}{(message.Status.IsActive ? "" : " changing")} h:{message.Status.StableCheckpoint} e:{message.Status.LastExecuted}",
        _ => message.ToString(),
    };

    /// <summary>What a replica tells of itself; null where that is told by other lines.</summary>
    public static string? Describe(in ProtocolEvent what) => what.Kind switch
    {
        ProtocolEventKind.Prepared => $"prepared {what.View} {what.Sequence} d:{what.Digest}",
        ProtocolEventKind.Committed => $"committed {what.View} {what.Sequence} d:{what.Digest}",
        ProtocolEventKind.Executed => $"executed {what.Sequence} ({what.Amount} requests)",
        ProtocolEventKind.CheckpointStable => $"checkpoint {what.Sequence} d:{what.Digest} is stable",
        ProtocolEventKind.RefusedBusy => $"refuses: {what.Amount} requests wait",
        ProtocolEventKind.RequestOverdue => $"a request is overdue after {what.Amount / 1000} ms",
        ProtocolEventKind.TransferStarted => $"fetches the state at {what.Sequence}",
        ProtocolEventKind.TransferCompleted => $"has the state at {what.Sequence}",
        ProtocolEventKind.TransferOvertaken => $"needs the state at {what.Sequence} no more: its log led there",
        ProtocolEventKind.StateDiverged => $"ALARM: own state d:{what.Digest} at {what.Sequence} is not what a quorum certified",
        ProtocolEventKind.Suspected => $"suspects {what.View}: {(SuspicionCause)what.Amount}",
        ProtocolEventKind.ViewChangeStarted => $"leaves all views before {what.View}",
        ProtocolEventKind.ViewEntered => $"enters {what.View} from {what.Sequence} with {what.Amount} choices",
        ProtocolEventKind.Ignored => $"ignores {(IgnoreReason)what.Amount}",
        _ => null,
    };

    /// <summary>Who says it is told by the line's beginning.</summary>
    private static string Without(ReplicaId sender, string text) => text.Replace($" from {sender}", "", StringComparison.Ordinal);

    private static string Describe(ViewChange left)
    {
        var checkpoints = string.Join(' ', left.Checkpoints.Select(static one => $"{one.Sequence}:{one.Digest}"));
        var prepared = string.Join(' ', left.Prepared.Select(static one => $"{one.Sequence}:{one.Digest}@{one.View}"));
        var prePrepared = string.Join(' ', left.PrePrepared.Select(static one => $"{one.Sequence}:{one.Digest}@{one.View}"));
        return $"{left.View} h:{left.StableCheckpoint} C[{checkpoints}] P[{prepared}] Q[{prePrepared}]";
    }

    private static string Describe(ViewChangeDecision decision) => $"{decision}";

    public string Describe(RequestId id) =>
        id.Session == SessionId.None ? $"{NameOf(id.Client)}/open" : $"{NameOf(id.Client)}/{id.Session}/{id.Number}";

    private string NameOf(ClientId client) => _clients.TryGetValue(client, out var number) ? $"c{number}" : client.ToString()[..8];

    private static string Operations(Request request) =>
        request.OpensSession ? "" : $"[{string.Join("; ", request.Operations.Select(operation => Operation(operation.Span)))}]";

    private static string Operation(ReadOnlySpan<byte> bytes)
    {
        var operation = Workload.Describe(bytes);
        return operation.Kind switch
        {
            WorkloadOperationKind.Nonsense => IsPrintable(bytes) ? Encoding.UTF8.GetString(bytes) : Convert.ToHexString(bytes),
            WorkloadOperationKind.Increment => $"increment {operation.Key} by {operation.By}",
            WorkloadOperationKind.Put => $"put {operation.Key} {operation.Value}",
            WorkloadOperationKind.Get => $"get {operation.Key}",
            _ => $"delete {operation.Key}",
        };
    }

    private static bool IsPrintable(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0;

    public static string Results(Reply reply)
    {
        if (reply.Status == ReplyStatus.SessionOpened) return $"SessionOpened {reply.Session}";
        if (reply.Status == ReplyStatus.Busy) return $"Busy, retry in {RetryHint.Decode(reply.Results.Span, default).TotalMilliseconds} ms";
        return reply.Status == ReplyStatus.Executed ? Results(reply.Results) : $"{reply.Status}";
    }

    public static string Results(ReadOnlyMemory<byte> encoding) =>
        OperationResults.TryRead(encoding, out var results) ? $"[{string.Join("; ", results.Select(Result))}]" : "nonsense";

    private static string Result(OperationResult result)
    {
        if (result.Status != OperationStatus.Done) return $"{result.Status} {Encoding.UTF8.GetString(result.Data.Span)}".TrimEnd();
        return KeyValueResult.TryRead(result.Data, out var value)
            ? $"{value.Outcome} v{value.Version} {Encoding.UTF8.GetString(value.Value.Span)}".TrimEnd()
            : Convert.ToHexString(result.Data.Span);
    }

    public static string NameOf(MessageKind kind) => kind switch
    {
        MessageKind.PrePrepare => "PRE-PREPARE",
        MessageKind.ViewChange => "VIEW-CHANGE",
        MessageKind.NewView => "NEW-VIEW",
        MessageKind.FetchBatch => "FETCH-BATCH",
        MessageKind.FetchChunks => "FETCH-CHUNKS",
        _ => kind.ToString().ToUpperInvariant(),
    };
}
