using System.Globalization;
using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Services;
using OrleansPbft.Simulation.Cluster;

namespace OrleansPbft.Simulation.Tests.Transcripts;

/// <summary>Writes down what happens, in the paper's words. What several nodes say or do alike at one instant is one line.</summary>
internal sealed class TranscriptObserver(VirtualTime time, int replicas) : Observer
{
    private readonly List<(TimeSpan At, string Text, SortedSet<int> Who)> _lines = [];
    private readonly Dictionary<ClientId, int> _clients = [];

    /// <summary>Whether what happens is of interest.</summary>
    public bool IsRecording { get; set; } = true;

    public void Know(SimulatedClient client) => _clients.Add(client.Id, client.Number);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (at, line, who) in _lines)
        {
            if (who.Count == 0) text.AppendLine(line);
            else text.AppendLine(CultureInfo.InvariantCulture, $"t={at.TotalMilliseconds}ms  {string.Join(',', who.Select(Name))} {line}");
        }

        return text.ToString();
    }

    /// <summary>Adds a line of the script's own.</summary>
    public void Note(string line) => _lines.Add((time.Elapsed, line, []));

    public override void OnSent(int from, ReplicaSet to, in Input message)
    {
        if (to == ReplicaSet.Empty) return; // a cluster of one has no others
        var all = ReplicaSet.FirstN(replicas);
        var receivers = to == all ? "all" : from < replicas && to == all.Without(new(from)) ? "others" : string.Join(',', to.ToIndexes());
        Write(from, $"→ {receivers}  {Describe(message)}");
    }

    public void OnLost(int from, int to, MessageKind kind) => Write(to, $"↚ {Name(from)}  {NameOf(kind)} lost");

    public override void OnReplied(SimulatedReplica replica, Reply reply) =>
        Write(replica.Id.Index, $"→ {Name(replicas + _clients[reply.Request.Client])}  REPLY {reply.View} {Describe(reply.Request)} {reply.Sequence} {Results(reply)}");

    public override void OnAccepted(SimulatedClient client, Request request, AcceptedReply accepted) =>
        Write(replicas + client.Number,
            $"accepted {Describe(request.Id)} {accepted.Reply.Sequence} {Results(accepted.Reply)}, equal from {string.Join(',', accepted.Agreed.ToIndexes())}");

    public override void OnEffect(SimulatedReplica replica, in Effect effect)
    {
        if (effect.Kind == EffectKind.Accuse) Write(replica.Id.Index, $"evidence: {effect.Evidence}");
        if (effect.Kind != EffectKind.Report) return;
        var what = effect.Event;
        var line = what.Kind switch
        {
            ProtocolEventKind.Prepared => $"prepared {what.View} {what.Sequence} d:{what.Digest}",
            ProtocolEventKind.Committed => $"committed {what.View} {what.Sequence} d:{what.Digest}",
            ProtocolEventKind.Executed => $"executed {what.Sequence} ({what.Amount} requests)",
            ProtocolEventKind.CheckpointStable => $"checkpoint {what.Sequence} d:{what.Digest} is stable",
            ProtocolEventKind.RefusedBusy => $"refuses: {what.Amount} requests wait",
            ProtocolEventKind.RequestOverdue => $"a request is overdue after {what.Amount / 1000} ms",
            ProtocolEventKind.TransferStarted => $"fetches the state at {what.Sequence}",
            ProtocolEventKind.TransferCompleted => $"has the state at {what.Sequence}",
            ProtocolEventKind.Suspected => $"suspects {what.View}",
            ProtocolEventKind.ViewEntered => $"is in {what.View} from {what.Sequence} with {what.Amount} choices",
            ProtocolEventKind.StateDiverged => $"ALARM: own state d:{what.Digest} at {what.Sequence} is not what a quorum certified",
            ProtocolEventKind.Ignored => $"ignores {(IgnoreReason)what.Amount}",
            _ => null,
        };
        if (line is not null) Write(replica.Id.Index, line);
    }

    private void Write(int who, string text)
    {
        if (!IsRecording) return;
        for (var i = _lines.Count - 1; i >= 0 && _lines[i].At == time.Elapsed && _lines[i].Who.Count > 0; i--)
        {
            if (_lines[i].Text != text) continue;
            _lines[i].Who.Add(who);
            return;
        }

        _lines.Add((time.Elapsed, text, [who]));
    }

    private string Name(int address) => address < replicas ? $"{address}" : $"c{address - replicas}";

    private string Describe(in Input message) => message.Kind switch
    {
        InputKind.Request => $"REQUEST {Describe(message.Request.Id)} {Operations(message.Request)}".TrimEnd(),
        InputKind.PrePrepare => $"PRE-PREPARE {message.PrePrepare.View} {message.PrePrepare.Sequence} d:{message.PrePrepare.Digest} " +
            $"[{string.Join(", ", message.PrePrepare.Batch.Requests.Select(request => Describe(request.Id)))}]",
        InputKind.Vote => $"{(message.Vote.Phase == VotePhase.Prepare ? "PREPARE" : "COMMIT")} {message.Vote.View} {message.Vote.Sequence} d:{message.Vote.Digest}",
        InputKind.Checkpoint => $"CHECKPOINT {message.Checkpoint.Sequence} d:{message.Checkpoint.Digest}",
        InputKind.Status => $"STATUS {message.Status.View} h:{message.Status.StableCheckpoint} e:{message.Status.LastExecuted}",
        _ => message.ToString(),
    };

    private string Describe(RequestId id) =>
        id.Session == SessionId.None ? $"c{_clients[id.Client]}/open" : $"c{_clients[id.Client]}/{id.Session}/{id.Number}";

    private static string Operations(Request request) =>
        request.OpensSession ? "" : $"[{string.Join("; ", request.Operations.Select(operation => Operation(operation.Span)))}]";

    private static string Operation(ReadOnlySpan<byte> bytes)
    {
        var operation = Workload.Describe(bytes);
        return operation.Kind switch
        {
            WorkloadOperationKind.Nonsense => Encoding.UTF8.GetString(bytes),
            WorkloadOperationKind.Increment => $"increment {operation.Key} by {operation.By}",
            WorkloadOperationKind.Put => $"put {operation.Key} {operation.Value}",
            WorkloadOperationKind.Get => $"get {operation.Key}",
            _ => $"delete {operation.Key}",
        };
    }

    private static string Results(Reply reply)
    {
        if (reply.Status == ReplyStatus.SessionOpened) return $"SessionOpened {reply.Session}";
        if (reply.Status == ReplyStatus.Busy) return $"Busy, retry in {RetryHint.Decode(reply.Results.Span, default).TotalMilliseconds} ms";
        if (reply.Status != ReplyStatus.Executed || !OperationResults.TryRead(reply.Results, out var results)) return $"{reply.Status}";
        return $"[{string.Join("; ", results.Select(Result))}]";
    }

    private static string Result(OperationResult result)
    {
        if (result.Status != OperationStatus.Done) return $"{result.Status} {Encoding.UTF8.GetString(result.Data.Span)}".TrimEnd();
        return KeyValueResult.TryRead(result.Data, out var value)
            ? $"{value.Outcome} v{value.Version} {Encoding.UTF8.GetString(value.Value.Span)}".TrimEnd()
            : Convert.ToHexString(result.Data.Span);
    }

    private static string NameOf(MessageKind kind) => kind == MessageKind.PrePrepare ? "PRE-PREPARE" : kind.ToString().ToUpperInvariant();
}
