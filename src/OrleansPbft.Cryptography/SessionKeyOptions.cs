namespace OrleansPbft.Cryptography;

/// <summary>How long session keys live, and how many are kept (rule A-2). Each side may have its own.</summary>
public sealed record SessionKeyOptions
{
    /// <summary>How long a session key is used before another takes its place.</summary>
    /// <value>1 h by default; 1 s to 7 days.</value>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a key that was replaced is still believed, one's own and another's: time for those on their way.</summary>
    /// <value>1 min by default; above 0. Never longer than <see cref="Lifetime"/>.</value>
    public TimeSpan Overlap { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many clients' session keys a replica keeps; one more takes the place of one that was quiet for long.</summary>
    /// <value>8192 by default; some 600 bytes each.</value>
    public int ClientsMax { get; init; } = 8192;

    /// <summary>How many new session keys of clients a replica takes each second in the long run; five times as many at once.</summary>
    /// <value>200 by default.</value>
    public int ClientKeysEachSecond { get; init; } = 200;

    /// <summary>What is wrong with the options, as sentences for the person who set them; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems() => Lifetime >= TimeSpan.FromSeconds(1) && Lifetime <= TimeSpan.FromDays(7)
        ? []
        : [$"SessionKeyLifetime ({Lifetime}) must be 1 s to 7 days."];
}
