using System.Security.Cryptography;

namespace OrleansPbft.Journal;

/// <summary>How a journal uses its medium. None of this is part of the format: it may change between two starts.</summary>
public sealed record JournalOptions
{
    /// <summary>The least that <see cref="SegmentBytes"/> can be.</summary>
    public const int SegmentBytesMin = 8 << 10;

    /// <summary>How large a segment is, in bytes; it has that size from the start, so that appending changes nothing but contents.</summary>
    /// <value>16 MiB by default; 8 KiB to 1 GiB. A record that is larger gets a segment of its own.</value>
    public int SegmentBytes { get; init; } = 16 << 20;

    /// <summary>How much is appended, in bytes, before a snapshot is written again; at least as much as the last snapshot took.</summary>
    /// <value>64 MiB by default; 0 or more.</value>
    /// <remarks>So all that is written is at most about twice what is appended, and what is read at a start at most about twice the state, or this beside it.</remarks>
    public long SnapshotLogBytesMin { get; init; } = 64 << 20;

    /// <summary>Whether a flush happens on its caller, and a snapshot is written in steps with the flushes, instead of on threads of their own: for simulations.</summary>
    /// <value>False by default.</value>
    public bool Inline { get; init; }

    /// <summary>How much of a snapshot is written with each flush where <see cref="Inline"/> is set, in bytes.</summary>
    /// <value>64 KiB by default.</value>
    public int InlineSnapshotBytes { get; init; } = 64 << 10;

    /// <summary>Draws the random number that is in every record of a file. Nobody who sends what is journalled can know it.</summary>
    /// <value>A cryptographic generator by default; simulations give a seeded one.</value>
    public Func<ulong> DrawNonce { get; init; } = static () => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>What a person needs to know of who opens the journal: shown to whoever finds it in use.</summary>
    /// <value>The process, its machine and the time by default.</value>
    public string Owner { get; init; } =
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName} since {DateTimeOffset.UtcNow:u}");
}
