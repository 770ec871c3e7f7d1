using OrleansPbft.Client;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Recording.Drawing;

/// <summary>Draws the change to a view: PBFT 4.4, rules VC-1 to VC-5.</summary>
internal static class ViewChangeDrawing
{
    /// <summary>Joins what each replica knows of the change to one view.</summary>
    /// <param name="scene">Of what cluster, and by whose account.</param>
    /// <param name="view">The view changed to.</param>
    /// <param name="records">By replica; null of those that know nothing, and of those elsewhere.</param>
    public static Picture Draw(Scene scene, View view, ViewRecord?[] records)
    {
        var known = records.OfType<ViewRecord>().ToArray();
        var primary = scene.Cluster.PrimaryOf(view).Index;
        var picture = new Picture(scene)
        {
            Id = $"v{view.Number}",
            Kind = TraceDocument.ViewChangeKind,
            View = view.Number,
            Sequence = 0,
            Title = TitleOf(view, primary, known),
            Primary = primary,
            Complete = known.Count(static one => one.EnteredAt != 0) >= scene.Enough,
        };
        var enteredAt = known.Aggregate(0L, static (first, one) => Sent.Earlier(first, one.EnteredAt));
        for (var from = 0; from < records.Length; from++)
        {
            for (var to = 0; to < records.Length; to++)
            {
                if (to == from) continue;
                AddSuspect(picture, from, to, records);
                AddViewChange(picture, from, to, records, enteredAt);
                if (from == primary) AddNewView(picture.Arrows, from, to, records, note: null);
            }

            if (records[from] is not { } own) continue;
            picture.AddPhase(from, "suspect", own.SuspectedAt, own.StartedAt);
            picture.AddPhase(from, "change", own.StartedAt, own.EnteredAt);
        }

        return picture;
    }

    /// <summary>Adds the NEW-VIEW to one replica.</summary>
    /// <param name="arrows">Takes it.</param>
    /// <param name="primary">Whose it is.</param>
    /// <param name="to">Whom it is for.</param>
    /// <param name="records">By replica.</param>
    /// <param name="note">What to say of it where it came as it should; null for nothing.</param>
    public static void AddNewView(Arrows arrows, int primary, int to, ViewRecord?[] records, string? note)
    {
        var own = records[primary];
        var arrival = records[to]?.NewViews[primary] ?? default;
        var again = Sent.Earlier(own?.NewView.ResentAt ?? 0, own?.NewViews[to].ResentAt ?? 0);
        if (note is not null && arrival.At != 0 && arrival.From == primary && own is not null) arrows.Add("new-view", primary, to, own.NewView.At, arrival.At, note: note);
        else arrows.AddBetween("new-view", primary, to, new(own?.NewView.At ?? 0, again, 0), arrival);
    }

    private static void AddSuspect(Picture picture, int from, int to, ViewRecord?[] records)
    {
        var own = records[from];
        var again = Sent.Earlier(own?.Suspect.ResentAt ?? 0, own?.Suspects[to].ResentAt ?? 0);
        picture.Arrows.AddBetween("suspect", from, to, new(own?.Suspect.At ?? 0, again, 0), records[to]?.Suspects[from] ?? default);
    }

    private static void AddViewChange(Picture picture, int from, int to, ViewRecord?[] records, long enteredAt)
    {
        var own = records[from];
        var arrival = records[to]?.ViewChanges[from] ?? default;
        var heard = records.OfType<ViewRecord>().Select(one => one.ViewChanges[from]).Where(static one => one.At != 0);
        var said = own?.ViewChange.Digest is { } digest and not 0 ? digest : Plurality.Of(heard.Select(static one => one.Digest));
        var again = Sent.Earlier(own?.ViewChange.ResentAt ?? 0, own?.ViewChanges[to].ResentAt ?? 0);
        var lie = arrival.Contradicts || (said != 0 && arrival.Digest != said) ? "says something else than to others" : null;
        picture.Arrows.AddBetween("view-change", from, to, new(own?.ViewChange.At ?? 0, again, enteredAt), arrival, lie);
    }

    private static string TitleOf(View view, int primary, ViewRecord[] known)
    {
        if (known.All(static one => one.StartedAt == 0)) return $"view {view.Number - 1} suspected, and not left so far";
        var cause = Plurality.Of(known.Where(static one => one.SuspectedAt != 0).Select(static one => one.Cause));
        var why = cause == SuspicionCause.None ? "" : $": {EventWording.Say(cause)}";
        return $"change to view {view.Number}, led by replica {primary}{why}";
    }
}
