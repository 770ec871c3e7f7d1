using System.Collections.Immutable;
using System.Globalization;
using OrleansPbft.Core;

namespace OrleansPbft.Simulation;

/// <summary>What is set in place of what a seed draws: by a person, or by the shrinking of a failing run. Null leaves it as drawn.</summary>
/// <remarks>Written as <c>clients=1,faults=3:Silent+2:Forge,keep=0+4</c>.</remarks>
public sealed record PlanChanges
{
    private static readonly ImmutableArray<Field> Fields =
    [
        new("replicas", static c => Text(c.Replicas), static (c, text) => c with { Replicas = Number(text, 1, ClusterSize.ReplicasMax) }),
        new("byzantine", static c => Text(c.Byzantine), static (c, text) => c with { Byzantine = Number(text, 0, ClusterSize.ReplicasMax) }),
        new("ops", static c => Text(c.Operations), static (c, text) => c with { Operations = Number(text, 1, 1_000_000) }),
        new("ms", static c => Text(c.Milliseconds), static (c, text) => c with { Milliseconds = Number(text, 1, 24 * 3_600_000) }),
        new("clients", static c => Text(c.Clients), static (c, text) => c with { Clients = Number(text, 1, 64) }),
        new("liars", static c => Text(c.FaultyClients), static (c, text) => c with { FaultyClients = Number(text, 0, 16) }),
        new("requests", static c => Text(c.Requests), static (c, text) => c with { Requests = Number(text, 0, 1_000_000) }),
        new("after", static c => Text(c.RequestsAfterHealing), static (c, text) => c with { RequestsAfterHealing = Number(text, 0, 1_000_000) }),
        new("inflight", static c => Text(c.InFlight), static (c, text) => c with { InFlight = Number(text, 1, 1024) }),
        new("bundle", static c => Text(c.Bundle), static (c, text) => c with { Bundle = Number(text, 1, 64) }),
        new("reads", static c => Text(c.ReadsPerMille), static (c, text) => c with { ReadsPerMille = Number(text, 0, 1000) }),
        new("drop", static c => Text(c.DropPerMille), static (c, text) => c with { DropPerMille = Number(text, 0, 1000) }),
        new("duplicate", static c => Text(c.DuplicatePerMille), static (c, text) => c with { DuplicatePerMille = Number(text, 0, 1000) }),
        new("tail", static c => Text(c.TailPerMille), static (c, text) => c with { TailPerMille = Number(text, 0, 1000) }),
        new("steady", static c => Text(c.HasSteadyLinks), static (c, text) => c with { HasSteadyLinks = Flag(text) }),
        new("clocks", static c => Text(c.HasEqualClocks), static (c, text) => c with { HasEqualClocks = Flag(text) }),
        new("plain", static c => Text(c.IsPlain), static (c, text) => c with { IsPlain = Flag(text) }),
        new("durable", static c => Text(c.IsDurable), static (c, text) => c with { IsDurable = Flag(text) }),
        new("authentication", static c => c.Authentication?.ToString(), static (c, text) => c with { Authentication = Mode(text) }),
        new("faults", static c => c.Faults, static (c, text) => c with { Faults = text }),
        new("wipe", static c => Text(c.LosesDisk), static (c, text) => c with { LosesDisk = Flag(text) }),
        new("keep", static c => c.Happenings, static (c, text) => c with { Happenings = text }),
    ];

    /// <summary>Changes nothing.</summary>
    public static PlanChanges None { get; } = new();

    /// <summary>n.</summary>
    public int? Replicas { get; init; }

    /// <summary>How many replicas are faulty, and in ways that can hurt; may be more than f.</summary>
    public int? Byzantine { get; init; }

    /// <summary>About how many operations all clients together ask for while the network is bad.</summary>
    public int? Operations { get; init; }

    /// <summary>How long the network is bad, in simulated milliseconds.</summary>
    public int? Milliseconds { get; init; }

    /// <summary>How many correct clients there are.</summary>
    public int? Clients { get; init; }

    /// <summary>How many faulty clients there are.</summary>
    public int? FaultyClients { get; init; }

    /// <summary>How many requests each client makes while the network is bad.</summary>
    public int? Requests { get; init; }

    /// <summary>How many more once it has healed.</summary>
    public int? RequestsAfterHealing { get; init; }

    /// <summary>How many requests a client has in flight.</summary>
    public int? InFlight { get; init; }

    /// <summary>How many operations a request bundles.</summary>
    public int? Bundle { get; init; }

    /// <summary>How many of a thousand requests only read.</summary>
    public int? ReadsPerMille { get; init; }

    /// <summary>How many of a thousand messages are lost.</summary>
    public int? DropPerMille { get; init; }

    /// <summary>How many of a thousand arrive twice.</summary>
    public int? DuplicatePerMille { get; init; }

    /// <summary>How many of a thousand are very late.</summary>
    public int? TailPerMille { get; init; }

    /// <summary>Whether every message takes the same time.</summary>
    public bool? HasSteadyLinks { get; init; }

    /// <summary>Whether all clocks that are right show the same.</summary>
    public bool? HasEqualClocks { get; init; }

    /// <summary>Whether nothing is signed.</summary>
    public bool? IsPlain { get; init; }

    /// <summary>Whether each replica keeps a real journal on a disk that crashes in the middle of its work.</summary>
    public bool? IsDurable { get; init; }

    /// <summary>Whether envelopes are truly sealed in every run, and in which mode; null leaves it to the seed, of which few sign.</summary>
    public AuthenticationMode? Authentication { get; init; }

    /// <summary>Who is faulty and how: <c>3:Silent+2:Forge</c>, or <c>none</c>.</summary>
    public string? Faults { get; init; }

    /// <summary>Whether a replica loses its disk, where the cluster can get over it.</summary>
    public bool? LosesDisk { get; init; }

    /// <summary>Which of the drawn happenings befall the cluster, by number: <c>0+4</c>, or <c>none</c>.</summary>
    public string? Happenings { get; init; }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="ArgumentException">It makes no sense; the message says why.</exception>
    public static PlanChanges Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var changes = None;
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            var field = at < 0 ? null : Fields.FirstOrDefault(field => field.Name == part[..at]);
            if (field is null) throw new ArgumentException($"'{part}' is no part of a plan. Parts are: {string.Join(", ", Fields.Select(static field => field.Name + "="))}.");
            changes = field.Write(changes, part[(at + 1)..]);
        }

        return changes;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join(',', Fields.Select(field => (field.Name, Text: field.Read(this))).Where(static set => set.Text is not null).Select(static set => $"{set.Name}={set.Text}"));

    /// <summary>The faults that <see cref="Faults"/> names.</summary>
    internal SortedDictionary<ReplicaId, FaultKind> ReadFaults(ClusterSize cluster)
    {
        var faults = new SortedDictionary<ReplicaId, FaultKind>();
        foreach (var part in ListOf(Faults!))
        {
            var words = part.Split(':');
            if (words.Length != 2 || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var replica) || replica >= cluster.Replicas ||
                !Enum.TryParse<FaultKind>(words[1], out var kind) || !Enum.IsDefined(kind) || !faults.TryAdd(new(replica), kind))
            {
                throw new ArgumentException($"'{part}' is no fault. Write 3:Silent, with a replica of {cluster} and one of {string.Join(", ", Enum.GetNames<FaultKind>())}.");
            }

            if (kind == FaultKind.DamagedDisk && IsDurable != true) throw new ArgumentException($"'{part}' needs durable=1: without it there are no journals to damage.");
        }

        return faults;
    }

    /// <summary>The numbers that <see cref="Happenings"/> names.</summary>
    internal HashSet<int> ReadHappenings() => [.. ListOf(Happenings!).Select(static part => Number(part, 0, int.MaxValue)!.Value)];

    /// <summary>A list as these changes write it.</summary>
    internal static string ListFrom<T>(IEnumerable<T> parts) => string.Join('+', parts) is { Length: > 0 } list ? list : "none";

    private static string[] ListOf(string text) => text == "none" ? [] : text.Split('+', StringSplitOptions.RemoveEmptyEntries);

    private static AuthenticationMode? Mode(string text) => Enum.TryParse<AuthenticationMode>(text, out var mode) && Enum.IsDefined(mode)
        ? mode
        : throw new ArgumentException($"'{text}' is none of {string.Join(", ", Enum.GetNames<AuthenticationMode>())}.");

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Text(bool? flag) => flag is { } set ? set ? "1" : "0" : null;

    private static int? Number(string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new ArgumentException($"'{text}' is no number of {min} to {max}.");

    private static bool? Flag(string text) => text switch
    {
        "0" => false,
        "1" => true,
        _ => throw new ArgumentException($"'{text}' is neither 0 nor 1."),
    };

    private sealed record Field(string Name, Func<PlanChanges, string?> Read, Func<PlanChanges, string, PlanChanges> Write);
}
