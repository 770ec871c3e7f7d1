using System.Globalization;
using System.Text;
using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole.Traces;

/// <summary>Draws a trace as text: lanes as columns, messages as rows in the order of time; then phases and events.</summary>
/// <remarks>Large diagrams have a row for all that a replica sent of one kind, in place of a row for each message.</remarks>
internal sealed class TraceText
{
    /// <summary>A diagram with more messages than this has a row for all that a replica sent of one kind, unless it is asked otherwise.</summary>
    public const int RowsMax = 48;

    private const int TimeWidth = 12;
    private const int NameWidth = 14;
    private const int WideLane = 16;
    private const int NarrowLane = 4;

    private readonly TraceDocument _trace;
    private readonly StringBuilder _text = new();
    private readonly bool _hasClient;

    private TraceText(TraceDocument trace)
    {
        _trace = trace;
        _hasClient = trace.Messages.Any(static message => message.From == TraceMessageDocument.Client || message.To == TraceMessageDocument.Client);
    }

    /// <summary>Draws it.</summary>
    /// <param name="trace">What happened.</param>
    /// <param name="eachMessage">Whether every message has a row, however many there are.</param>
    public static string Draw(TraceDocument trace, bool eachMessage) => new TraceText(trace).Draw(eachMessage || trace.Messages.Length <= RowsMax);

    private string Draw(bool eachMessage)
    {
        WriteHead();
        if (eachMessage) DrawMessages();
        else DrawSenders();
        WritePhases();
        foreach (var what in _trace.Events) Line($"{Milliseconds(what.AtUs),TimeWidth - 2}  replica {what.Replica} {what.Text}");
        return VerbResult.Printable(_text.ToString().TrimEnd());
    }

    private void WriteHead()
    {
        Line(_trace.Title);
        var digest = _trace.Digest is { } known ? $"digest {known}, " : "";
        var end = _trace.Complete ? "complete" : "not complete";
        Line($"{digest}{end}, {Milliseconds(_trace.DurationUs)} ms from {_trace.Start:yyyy-MM-dd HH:mm:ss.ffffff}");
        if (_trace.TraceId is { } trace) Line($"OpenTelemetry trace {trace}");
        var unknown = _trace.Replicas - _trace.Hosted.Length;
        if (unknown > 0) Line($"told by the silos of replicas {string.Join(", ", _trace.Hosted)}; what happened between the other {unknown} is not known");
        var missing = _trace.Messages.Count(static message => message.Mark == TraceMessageDocument.Missing);
        var lying = _trace.Messages.Count(static message => message.Mark == TraceMessageDocument.Lying);
        if (missing + lying > 0) Line($"{missing} missing, {lying} lying");
        _text.Append('\n');
    }

    private void DrawMessages()
    {
        WriteLaneNames(TimeWidth, WideLane);
        foreach (var message in _trace.Messages)
        {
            var row = Lanes(WideLane);
            DrawArrow(row, message);
            Line($"{Milliseconds(message.SentUs ?? message.ArrivedUs),TimeWidth - 2}  {new string(row)}  {Comment(message)}".TrimEnd());
        }
    }

    private void DrawSenders()
    {
        WriteLaneNames(TimeWidth + NameWidth, NarrowLane);
        foreach (var group in _trace.Messages.GroupBy(static message => (message.Kind, message.From)))
        {
            var row = Lanes(NarrowLane);
            row[PlaceOf(group.Key.From, NarrowLane)] = 'o';
            foreach (var message in group) row[PlaceOf(message.To, NarrowLane)] = HeadOf(message);
            var first = group.First();
            var notes = string.Join("; ", group.Select(static message => message.Note).OfType<string>().Distinct(StringComparer.Ordinal));
            Line($"{Milliseconds(first.SentUs ?? first.ArrivedUs),TimeWidth - 2}  {group.Key.Kind,-NameWidth}{new string(row)}  {notes}".TrimEnd());
        }

        Line("\no sent it, > there, ? not known, x missing, ! lying, r sent again; --all has a row for each message");
    }

    private void WriteLaneNames(int indent, int width)
    {
        var names = new StringBuilder(new string(' ', indent));
        for (var lane = _hasClient ? TraceMessageDocument.Client : 0; lane < _trace.Replicas; lane++)
        {
            var name = lane == TraceMessageDocument.Client ? width == WideLane ? "client" : "c"
                : width == WideLane && lane == _trace.Primary ? $"{lane} primary"
                : lane == _trace.Primary ? $"{lane}*" : $"{lane}";
            names.Append(name.PadRight(width));
        }

        Line(names.ToString().TrimEnd());
    }

    private char[] Lanes(int width)
    {
        var row = new string(' ', PlaceOf(_trace.Replicas - 1, width) + 1).ToCharArray();
        for (var lane = _hasClient ? TraceMessageDocument.Client : 0; lane < _trace.Replicas; lane++) row[PlaceOf(lane, width)] = '|';
        return row;
    }

    private int PlaceOf(int lane, int width) => (lane + (_hasClient ? 1 : 0)) * width;

    private void DrawArrow(char[] row, TraceMessageDocument message)
    {
        var (from, to) = (PlaceOf(message.From, WideLane), PlaceOf(message.To, WideLane));
        var (left, right) = (Math.Min(from, to) + 1, Math.Max(from, to) - 1);
        Array.Fill(row, message.Mark == TraceMessageDocument.Missing ? '.' : '-', left, right - left + 1);
        var label = message.Kind.AsSpan(0, Math.Min(message.Kind.Length, right - left - 1));
        label.CopyTo(row.AsSpan(left + ((right - left + 1 - label.Length) / 2)));
        row[from < to ? right : left] = message.Mark switch
        {
            TraceMessageDocument.Missing => 'x',
            TraceMessageDocument.Lying => '!',
            _ => from < to ? '>' : '<',
        };
    }

    private static char HeadOf(TraceMessageDocument message) => message.Mark switch
    {
        TraceMessageDocument.Missing => 'x',
        TraceMessageDocument.Lying => '!',
        TraceMessageDocument.Resent => 'r',
        TraceMessageDocument.Unseen => message.ArrivedUs is null ? '?' : '>',
        _ => '>',
    };

    private static string Comment(TraceMessageDocument message)
    {
        var parts = new List<string>(4);
        if (message is { SentUs: { } sent, ArrivedUs: { } arrived }) parts.Add($"+{Milliseconds(arrived - sent)}");
        if (message.Mark is { } mark) parts.Add(mark);
        if (message.Note is { } note) parts.Add(note);
        if (message.ToldBy is { } tellers) parts.Add($"told by {string.Join(" and ", tellers)}");
        return string.Join(", ", parts);
    }

    private void WritePhases()
    {
        if (_trace.Phases.Length > 0) _text.Append('\n');
        foreach (var replica in _trace.Phases.GroupBy(static phase => phase.Replica))
        {
            Line($"replica {replica.Key,2}  " + string.Join("  ", replica.Select(static phase =>
                phase.EndedUs is { } ended ? $"{phase.Phase} {Milliseconds(ended - phase.BeganUs)}" : $"{phase.Phase} ...")) + "  ms");
        }

        if (_trace.Events.Length > 0) _text.Append('\n');
    }

    private static string Milliseconds(long? microseconds) =>
        microseconds is { } known ? (known / 1000.0).ToString("0.000", CultureInfo.InvariantCulture) : "never";

    private void Line(string line) => _text.Append(line).Append('\n');
}
