using OrleansPbft.Core;

namespace OrleansPbft.Grains.Recording;

/// <summary>All that one replica saw and did of the change to one view. Times are microseconds; 0 is never.</summary>
internal sealed class ViewRecord(int replicas) : IRecord<ViewRecord>
{
    /// <inheritdoc/>
    public long Key { get; private set; }

    /// <summary>When this replica suspected the view before.</summary>
    public long SuspectedAt { get; set; }

    /// <summary>Why.</summary>
    public SuspicionCause Cause { get; set; }

    /// <summary>When it left the view before.</summary>
    public long StartedAt { get; set; }

    /// <summary>When the new view was active here.</summary>
    public long EnteredAt { get; set; }

    /// <summary>Its own SUSPECT of the view before.</summary>
    public OwnMark Suspect;

    /// <summary>Its own VIEW-CHANGE.</summary>
    public OwnMark ViewChange;

    /// <summary>Its own NEW-VIEW, where it leads the view.</summary>
    public OwnMark NewView;

    /// <summary>The SUSPECTs of the others.</summary>
    public PeerMark[] Suspects { get; } = new PeerMark[replicas];

    /// <summary>The VIEW-CHANGEs of the others.</summary>
    public PeerMark[] ViewChanges { get; } = new PeerMark[replicas];

    /// <summary>The NEW-VIEW, at its sender's place; and when this replica showed it to peers.</summary>
    public PeerMark[] NewViews { get; } = new PeerMark[replicas];

    /// <summary>The first that is known of it here; 0 where there is nothing.</summary>
    public long BeganAt => SuspectedAt != 0 ? SuspectedAt : StartedAt != 0 ? StartedAt : EnteredAt;

    /// <inheritdoc/>
    public void Reset(long key)
    {
        Key = key;
        (SuspectedAt, Cause, StartedAt, EnteredAt) = (0, SuspicionCause.None, 0, 0);
        (Suspect, ViewChange, NewView) = (default, default, default);
        Array.Clear(Suspects);
        Array.Clear(ViewChanges);
        Array.Clear(NewViews);
    }

    /// <inheritdoc/>
    public void CopyTo(ViewRecord other)
    {
        other.Key = Key;
        (other.SuspectedAt, other.Cause, other.StartedAt, other.EnteredAt) = (SuspectedAt, Cause, StartedAt, EnteredAt);
        (other.Suspect, other.ViewChange, other.NewView) = (Suspect, ViewChange, NewView);
        Suspects.CopyTo(other.Suspects, 0);
        ViewChanges.CopyTo(other.ViewChanges, 0);
        NewViews.CopyTo(other.NewViews, 0);
    }
}
