using OrleansPbft.Core;

namespace OrleansPbft.Journal.Inspection;

/// <summary>What a <see cref="JournalInspector"/> found.</summary>
public sealed record JournalReport
{
    /// <summary>The directory.</summary>
    public required string Directory { get; init; }

    /// <summary>What state it is in.</summary>
    public required JournalHealth Health { get; init; }

    /// <summary>What is wrong, naming file and offset; null where nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>Whose it is; null where that can not be read.</summary>
    public ClusterId? Cluster { get; init; }

    /// <summary>Whose it is; null where that can not be read.</summary>
    public ReplicaId? Replica { get; init; }

    /// <summary>The newest opening; 0 where there was none.</summary>
    public long Epoch { get; init; }

    /// <summary>Who has it, or had it last, in words; null where that is not said.</summary>
    public string? Owner { get; init; }

    /// <summary>Its segments, as far as they can be read.</summary>
    public IReadOnlyList<InspectedSegment> Segments { get; init; } = [];

    /// <summary>Its newest snapshot.</summary>
    public InspectedSnapshot? Snapshot { get; init; }

    /// <summary>Files that are no part of it any more, or never were complete.</summary>
    public IReadOnlyList<string> Leftovers { get; init; } = [];

    /// <summary>How many records there are.</summary>
    public long Records => Segments.Sum(static segment => segment.Records);
}
