namespace OrleansPbft.Client;

/// <summary>One arrow of a message sequence diagram.</summary>
public sealed record TraceMessageDocument
{
    /// <summary>What <see cref="From"/> and <see cref="To"/> say of clients.</summary>
    public const int Client = -1;

    /// <summary>A <see cref="Mark"/>: it was to come, from and to replicas of this silo, and did not.</summary>
    public const string Missing = "missing";

    /// <summary>A <see cref="Mark"/>: it contradicts what the others say.</summary>
    public const string Lying = "lying";

    /// <summary>A <see cref="Mark"/>: it was sent again, as the first did not come in time.</summary>
    public const string Resent = "resent";

    /// <summary>A <see cref="Mark"/>: its other end is at another organisation's silo, and only this end is known.</summary>
    public const string Unseen = "unseen";

    /// <summary>request, pre-prepare, prepare, commit, reply, checkpoint, suspect, view-change, new-view or forward.</summary>
    public required string Kind { get; init; }

    /// <summary>The replica that sent it, or <see cref="Client"/>.</summary>
    public required int From { get; init; }

    /// <summary>The replica that it was for, or <see cref="Client"/>.</summary>
    public required int To { get; init; }

    /// <summary>When it left, in microseconds after the trace's start; null where that is not known.</summary>
    public long? SentUs { get; init; }

    /// <summary>When it was there and found authentic, in microseconds after the trace's start; null where it was not, or that is not known.</summary>
    public long? ArrivedUs { get; init; }

    /// <summary>What is special about it; null where nothing is.</summary>
    public string? Mark { get; init; }

    /// <summary>What to say of it, for people; null where there is nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Where traces of several silos were joined: the replicas whose silos told of it, each of which may have lied; else null.</summary>
    public int[]? ToldBy { get; init; }
}
