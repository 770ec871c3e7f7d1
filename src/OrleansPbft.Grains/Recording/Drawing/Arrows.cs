using OrleansPbft.Client;

namespace OrleansPbft.Grains.Recording.Drawing;

/// <summary>Joins what senders and receivers know of their messages into arrows.</summary>
internal sealed class Arrows(Scene scene)
{
    private readonly List<Arrow> _arrows = [];

    /// <summary>All so far.</summary>
    public IReadOnlyList<Arrow> All => _arrows;

    /// <summary>Adds an arrow as it is.</summary>
    public void Add(string kind, int from, int to, long sent, long arrived, string? mark = null, string? note = null) =>
        _arrows.Add(new(kind, from, to, sent, arrived, mark, note));

    /// <summary>Adds a message from one replica to another, as far as anything is known of it here, and judges it.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="from">Whose it is.</param>
    /// <param name="to">Whom it is for.</param>
    /// <param name="sent">What its sender knows; nothing where that is elsewhere.</param>
    /// <param name="arrival">What its receiver knows; nothing where that is elsewhere.</param>
    /// <param name="lie">What is wrong with what it says; null where nothing is.</param>
    public void AddBetween(string kind, int from, int to, Sent sent, in PeerMark arrival, string? lie = null)
    {
        if (arrival.At != 0) AddArrived(kind, from, to, sent, arrival, lie);
        else if (!scene.Knows(to)) AddUnseen(kind, from, to, sent.At);
        else if (scene.Knows(from)) AddAwaited(kind, from, to, sent);
    }

    private void AddArrived(string kind, int from, int to, Sent sent, in PeerMark arrival, string? lie)
    {
        var isAgain = sent.AgainAt != 0 && arrival.At >= sent.AgainAt;
        var mark = lie is not null ? TraceMessageDocument.Lying
            : !scene.Knows(from) ? TraceMessageDocument.Unseen
            : isAgain ? TraceMessageDocument.Resent
            : null;
        var note = lie
            ?? (arrival.From != from ? $"passed on by replica {arrival.From}" : null)
            ?? (mark == TraceMessageDocument.Resent ? "sent again, as it was not known to be there" : null);
        Add(kind, from, to, isAgain ? sent.AgainAt : sent.At <= arrival.At ? sent.At : 0, arrival.At, mark, note);
    }

    private void AddUnseen(string kind, int from, int to, long sentAt)
    {
        if (sentAt != 0) Add(kind, from, to, sentAt, 0, TraceMessageDocument.Unseen);
    }

    /// <summary>Both ends are known, and it is not there: under way, or missing, or not due.</summary>
    private void AddAwaited(string kind, int from, int to, Sent sent)
    {
        if (scene.IsOverdue(sent.At)) Add(kind, from, to, sent.At, 0, TraceMessageDocument.Missing, "it never arrived");
        else if (sent.At != 0) Add(kind, from, to, sent.At, 0);
        else if (scene.IsOverdue(sent.DueAt)) Add(kind, from, to, 0, 0, TraceMessageDocument.Missing, "it was never sent");
    }
}
