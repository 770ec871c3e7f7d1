using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using OrleansPbft.Core;

namespace OrleansPbft.Faults;

/// <summary>What a replica is told to do wrong: a mode, and what that mode needs to know. Written as <c>lie</c>, <c>drop:0.3</c>, <c>censor:&lt;client&gt;</c>.</summary>
public sealed record Fault
{
    private static readonly string[] Names =
        [.. Enum.GetValues<FaultMode>().Where(static mode => mode != FaultMode.None).Select(NameOf)];

    private Fault(FaultMode mode) => Mode = mode;

    /// <summary>How modes are written, with what they need.</summary>
    public static IReadOnlyList<string> Forms { get; } = [.. Names.Select(static name => name switch
    {
        "censor" => "censor:<client>",
        "drop" => "drop:<rate>",
        _ => name,
    })];

    /// <summary>What it does.</summary>
    public FaultMode Mode { get; }

    /// <summary>Whose requests are dropped; only of <see cref="FaultMode.Censor"/>.</summary>
    public ClientId Client { get; private init; }

    /// <summary>Which part of what it sends is lost, 0 to 1; only of <see cref="FaultMode.Drop"/>.</summary>
    public double Rate { get; private init; }

    /// <summary>A fault of a mode that needs to know nothing more.</summary>
    /// <exception cref="ArgumentException">The mode needs a client or a rate, or is none.</exception>
    public static Fault Of(FaultMode mode) => mode is > FaultMode.None and <= FaultMode.Crash and not (FaultMode.Censor or FaultMode.Drop)
        ? new(mode)
        : throw new ArgumentException($"{mode} is no mode that stands alone.", nameof(mode));

    /// <summary>Drops one client's requests.</summary>
    public static Fault Censor(ClientId client) => new(FaultMode.Censor) { Client = client };

    /// <summary>Loses a part of what it sends.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not within 0 to 1.</exception>
    public static Fault Drop(double rate) => rate is >= 0 and <= 1
        ? new(FaultMode.Drop) { Rate = rate }
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "A rate is 0 to 1.");

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <param name="text">A mode as people write it.</param>
    /// <param name="fault">What it means.</param>
    /// <param name="problem">Otherwise, a sentence for the person who wrote it, with the nearest mode and all of them.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Fault? fault, [NotNullWhen(false)] out string? problem)
    {
        text = (text ?? "").Trim();
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? text : text[..colon];
        var argument = colon < 0 ? null : text[(colon + 1)..];
        var index = Array.FindIndex(Names, known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        (fault, problem) = index < 0 ? (null, DescribeUnknown(name)) : Read((FaultMode)(index + 1), argument);
        return fault is not null;
    }

    /// <summary>As people write it: <c>lie</c>, <c>drop:0.3</c>, <c>censor:</c> and 32 hexadecimal digits.</summary>
    public override string ToString() => Mode switch
    {
        FaultMode.Censor => $"{NameOf(Mode)}:{Client}",
        FaultMode.Drop => string.Create(CultureInfo.InvariantCulture, $"{NameOf(Mode)}:{Rate:R}"),
        _ => NameOf(Mode),
    };

    private static (Fault? Fault, string? Problem) Read(FaultMode mode, string? argument)
    {
        switch (mode)
        {
            case FaultMode.Censor:
                return argument?.Length == 2 * ClientId.Bytes
                    && UInt128.TryParse(argument, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var client)
                    ? (Censor(new(client)), null)
                    : (null, "censor needs the client's id: censor: and 32 hexadecimal digits.");
            case FaultMode.Drop:
                return double.TryParse(argument, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) && rate <= 1
                    ? (Drop(rate), null)
                    : (null, "drop needs a rate from 0 to 1, as in drop:0.3.");
            default:
                return argument is null ? (Of(mode), null) : (null, $"{NameOf(mode)} stands alone: leave out ':{argument}'.");
        }
    }

    private static string DescribeUnknown(string name)
    {
        var nearest = name.Length == 0 ? null : Names.MinBy(known => Distance(known, name));
        var suggestion = nearest is not null && Distance(nearest, name) <= 1 + (nearest.Length / 3) ? $" Did you mean {nearest}?" : "";
        return $"'{name}' is no fault mode.{suggestion} The modes are {string.Join(", ", Forms)}.";
    }

    /// <summary>How many letters must be put in, taken out or changed to make one of the other (Levenshtein).</summary>
    private static int Distance(string known, string written)
    {
        if (written.Length > 2 * known.Length) return written.Length; // nobody meant it, and it may be of any length
        var row = Enumerable.Range(0, known.Length + 1).ToArray();
        foreach (var letter in written)
        {
            var diagonal = row[0]++;
            for (var k = 1; k < row.Length; k++)
            {
                var changed = diagonal + (char.ToLowerInvariant(letter) == known[k - 1] ? 0 : 1);
                diagonal = row[k];
                row[k] = Math.Min(changed, Math.Min(row[k], row[k - 1]) + 1);
            }
        }

        return row[^1];
    }

    [SuppressMessage("Globalization", "CA1308:Normalize strings to uppercase", Justification = "These names are shown, and written in lower case.")]
    private static string NameOf(FaultMode mode) => mode.ToString().ToLowerInvariant();
}
