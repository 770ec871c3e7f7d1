using System.Numerics;
using OrleansPbft.Core;

namespace OrleansPbft.Grains.Recording;

/// <summary>When requests arrived at one replica, until they are executed: a table of fixed size in which a newer request takes the place of an older one.</summary>
/// <remarks>Who floods makes others' arrivals unknown, and nothing else.</remarks>
internal sealed class RequestTable
{
    private readonly RequestMark[] _marks;

    /// <summary>Makes room.</summary>
    /// <param name="capacity">How many; rounded up to a power of two.</param>
    public RequestTable(int capacity) => _marks = new RequestMark[BitOperations.RoundUpToPowerOf2((uint)capacity)];

    /// <summary>A request arrived, from its client or passed on by a replica.</summary>
    public void OnArrived(in RequestId id, int origin, long at)
    {
        ref var mark = ref Take(id);
        if (origin < 0)
        {
            if (mark.FromClientAt == 0) mark.FromClientAt = at;
            return;
        }

        if (mark.ForwardedAt == 0) mark.ForwardedAt = at;
        mark.ForwardedBy |= 1UL << origin;
    }

    /// <summary>This replica passed a request on.</summary>
    public void OnPassedOn(in RequestId id, int to, long at)
    {
        ref var mark = ref Take(id);
        if (mark.PassedOnAt == 0) (mark.PassedOnAt, mark.PassedOnTo) = (at, to);
    }

    /// <summary>What is known of a request; with no times where nothing is.</summary>
    public RequestMark Find(in RequestId id)
    {
        ref readonly var mark = ref _marks[PlaceOf(id)];
        return mark.Id == id ? mark : new() { Id = id };
    }

    private ref RequestMark Take(in RequestId id)
    {
        ref var mark = ref _marks[PlaceOf(id)];
        if (mark.Id != id) mark = new() { Id = id };
        return ref mark;
    }

    // A client's id is part of a digest, and its sessions and numbers follow each other: good places, at a multiplication each.
    private int PlaceOf(in RequestId id) =>
        (int)(((ulong)id.Client.Value + ((ulong)id.Session.Value * 0x9E3779B1) + ((ulong)id.Number * 0x85EBCA77)) & (ulong)(_marks.Length - 1));
}
