namespace OrleansPbft.Client;

/// <summary>Something that happened at a replica, in words: one entry of <c>GET /v1/events</c>.</summary>
public sealed record EventDocument
{
    /// <summary>A <see cref="Severity"/>: the protocol at work.</summary>
    public const string Info = "info";

    /// <summary>A <see cref="Severity"/>: something is late, lost or full, and the protocol sees to it.</summary>
    public const string Warning = "warning";

    /// <summary>A <see cref="Severity"/>: a replica is faulty.</summary>
    public const string Fault = "fault";

    /// <summary>Its number, from 1, in the order in which the silo learned of events; a silo that starts again begins anew.</summary>
    public required long Id { get; init; }

    /// <summary>When: UTC, by the silo's clock.</summary>
    public required DateTime At { get; init; }

    /// <summary>The replica at which it happened.</summary>
    public required int Replica { get; init; }

    /// <summary>The kind, for programs: the name of a ProtocolEventKind, or Accused, MadeFaulty, Healed or Halted.</summary>
    public required string Kind { get; init; }

    /// <summary>v.</summary>
    public required long View { get; init; }

    /// <summary>n, or 0.</summary>
    public required long Sequence { get; init; }

    /// <summary>The replica it concerns, such as the one accused; null where none does.</summary>
    public int? About { get; init; }

    /// <summary><see cref="Info"/>, <see cref="Warning"/> or <see cref="Fault"/>.</summary>
    public required string Severity { get; init; }

    /// <summary>What happened, in a sentence.</summary>
    public required string Text { get; init; }
}
