namespace OrleansPbft.Simulation.Network;

/// <summary>What the links between nodes do to messages.</summary>
internal sealed record NetworkConditions
{
    /// <summary>After healing: quick and without loss.</summary>
    public static NetworkConditions Good { get; } = new() { DelayMin = TimeSpan.FromMicroseconds(100), DelayMax = TimeSpan.FromMilliseconds(1) };

    /// <summary>The least a message takes.</summary>
    public required TimeSpan DelayMin { get; init; }

    /// <summary>The most it usually takes: above <see cref="DelayMin"/>, messages overtake each other.</summary>
    public required TimeSpan DelayMax { get; init; }

    /// <summary>How many of a thousand messages take up to <see cref="TailMax"/> instead.</summary>
    public int TailPerMille { get; init; }

    /// <summary>The most those take.</summary>
    public TimeSpan TailMax { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How many of a thousand are lost.</summary>
    public int DropPerMille { get; init; }

    /// <summary>How many of a thousand arrive twice.</summary>
    public int DuplicatePerMille { get; init; }

    /// <summary>How many of a thousand arrive with one bit flipped. Only where envelopes are truly signed.</summary>
    public int CorruptPerMille { get; init; }

    public override string ToString() =>
        $"{DelayMin.TotalMilliseconds}-{DelayMax.TotalMilliseconds} ms, tail {TailPerMille}‰ to {TailMax.TotalMilliseconds} ms, " +
        $"drop {DropPerMille}‰, duplicate {DuplicatePerMille}‰, corrupt {CorruptPerMille}‰";
}
