using System.Globalization;
using OrleansPbft.Core;
using OrleansPbft.Simulation.Cluster;

namespace OrleansPbft.Simulation.Tracing;

/// <summary>Writes down what happens, in the paper's words. What several nodes say or do alike at one instant is one line.</summary>
/// <param name="time">The clock.</param>
/// <param name="replicas">n.</param>
/// <param name="write">Takes each line once its instant is over.</param>
internal sealed class TraceObserver(VirtualTime time, int replicas, Action<string> write) : Observer
{
    private readonly List<(string Text, SortedSet<int> Who)> _lines = []; // of the instant _at
    private readonly Wording _wording = new();
    private TimeSpan _at;

    /// <summary>Whether what happens is of interest.</summary>
    public bool IsRecording { get; set; } = true;

    /// <summary>Whether arrivals are written too, and not only what is sent and lost.</summary>
    public bool ShowsArrivals { get; init; }

    public void Know(ClientId client, int number) => _wording.Know(client, number);

    /// <summary>Adds a line of somebody else's.</summary>
    public void Note(string line)
    {
        Flush();
        write(line);
    }

    /// <summary>Writes what waits for its instant to be over.</summary>
    public void Flush()
    {
        foreach (var (text, who) in _lines)
        {
            write(string.Create(CultureInfo.InvariantCulture, $"t={_at.TotalMilliseconds}ms  {string.Join(',', who.Select(Name))} {text}"));
        }

        _lines.Clear();
    }

    public override void OnSent(int from, ReplicaSet to, in Input message)
    {
        if (to == ReplicaSet.Empty || !IsRecording) return; // a cluster of one has no others
        var all = ReplicaSet.FirstN(replicas);
        var receivers = to == all ? "all" : from < replicas && to == all.Without(new(from)) ? "others" : string.Join(',', to.ToIndexes());
        Write(from, $"→ {receivers}  {_wording.Describe(message)}");
    }

    public override void OnReceived(int at, int from, in Input message)
    {
        if (ShowsArrivals && IsRecording) Write(at, $"← {Name(from)}  {_wording.Describe(message)}");
    }

    public override void OnRejected(int at, int from, RejectReason reason)
    {
        if (ShowsArrivals) Write(at, $"← {Name(from)}  rejected: {reason}");
    }

    public override void OnLost(int from, int to, MessageKind kind) => Write(to, $"↚ {Name(from)}  {Wording.NameOf(kind)} lost");

    public override void OnReplied(SimulatedReplica replica, Reply reply)
    {
        if (!IsRecording) return;
        var client = _wording.Describe(reply.Request);
        Write(replica.Id.Index, $"→ {client[..client.IndexOf('/', StringComparison.Ordinal)]}  {_wording.Describe(Input.Of(reply))}");
    }

    public override void OnReadEnded(SimulatedClient client, Read read, AcceptedRead? accepted) =>
        Write(replicas + client.Number, accepted is null
            ? $"has READ {read.Number} ordered"
            : $"accepted READ {read.Number} {accepted.Sequence} {Wording.Results(accepted.Results)}, equal from {string.Join(',', accepted.Agreed.ToIndexes())}");

    public override void OnAccepted(SimulatedClient client, Request request, AcceptedReply accepted) =>
        Write(replicas + client.Number,
            $"accepted {_wording.Describe(request.Id)} {accepted.Reply.Sequence} {Wording.Results(accepted.Reply)}, equal from {string.Join(',', accepted.Agreed.ToIndexes())}");

    public override void OnEffect(SimulatedReplica replica, in Effect effect)
    {
        if (effect.Kind == EffectKind.Accuse) Write(replica.Id.Index, $"evidence: {effect.Evidence}");
        if (effect.Kind != EffectKind.Report) return;
        if (Wording.Describe(effect.Event) is { } line) Write(replica.Id.Index, line);
    }

    public override void OnRestarted(SimulatedReplica replica) =>
        Write(replica.Id.Index, $"starts again from its disk: {replica.Machine.View}, executed {replica.Machine.LastExecuted}, stable {replica.Machine.StableCheckpoint}");

    private void Write(int who, string text)
    {
        if (!IsRecording) return;
        if (_at != time.Elapsed) Flush();
        _at = time.Elapsed;
        for (var i = _lines.Count - 1; i >= 0; i--)
        {
            if (_lines[i].Text != text) continue;
            _lines[i].Who.Add(who);
            return;
        }

        _lines.Add((text, [who]));
    }

    private string Name(int address) => address < replicas ? $"{address}" : $"c{address - replicas}";
}
