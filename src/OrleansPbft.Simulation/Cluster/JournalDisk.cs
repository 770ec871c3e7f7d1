using OrleansPbft.Core;
using OrleansPbft.Journal;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>The journal that a silo keeps, on a simulated medium that can crash at any of its operations.</summary>
/// <param name="cluster">Whose.</param>
/// <param name="replica">Whose.</param>
/// <param name="conditions">How it is kept.</param>
/// <param name="random">Draws nonces, and what becomes of what was not flushed.</param>
internal sealed class JournalDisk(ClusterId cluster, ReplicaId replica, DiskConditions conditions, Prng random) : ReplicaDisk
{
    private static readonly CrashOutcome[] Outcomes = Enum.GetValues<CrashOutcome>();

    private CrashOutcome? _outcome;

    /// <summary>The medium, as it is found or was left.</summary>
    public SimulatedStorage Storage { get; private set; } = new($"disk of {replica}");

    /// <summary>What the last opening cut off; null where it cut nothing off.</summary>
    public TornTail? Torn { get; private set; }

    /// <summary>Whether there is a snapshot to begin with.</summary>
    public bool HasSnapshot => Storage.List().Any(static name => name.EndsWith(".snapshot", StringComparison.Ordinal));

    /// <summary>What becomes of what is not flushed at the next crash; drawn then where nobody says so.</summary>
    public CrashOutcome Outcome
    {
        get => _outcome ??= random.Pick<CrashOutcome>(Outcomes);
        set => _outcome = value;
    }

    public override ulong Hash
    {
        get
        {
            var hash = 0xCBF29CE484222325;
            foreach (var name in Storage.List())
            {
                foreach (var letter in name) hash = (hash ^ letter) * 0x100000001B3;
                foreach (var one in Storage.Contents(name)) hash = (hash ^ one) * 0x100000001B3;
            }

            return hash;
        }
    }

    public override IReplicaJournal Open(out IEnumerable<JournalRecord> records)
    {
        var recovered = JournalDirectory.Acquire(conditions.Medium(Storage), cluster, replica, Options(random.Next)).Open();
        Torn = recovered.Torn;
        records = conditions.Recovery(recovered.Records);
        return conditions.Journal(recovered.Journal);
    }

    public override void Crash()
    {
        Storage = Storage.AfterCrash(random, Outcome);
        _outcome = null;
    }

    public override void Lose() => Storage = new($"disk of {replica}");

    public override ReplicaDisk Copy() => new JournalDisk(cluster, replica, conditions, random.Fork()) { Storage = Storage.Copy() };

    /// <summary>The medium crashes at one of its next operations; 0 is the very next.</summary>
    public void CrashAt(long operation, bool isAfter, CrashOutcome outcome)
    {
        Storage.CrashAt = Storage.Operations + operation;
        Storage.CrashesAfter = isAfter;
        _outcome = outcome;
    }

    /// <summary>It does not crash any more by itself.</summary>
    public void CrashNever() => Storage.CrashAt = long.MaxValue;

    /// <summary>What the next opening will recover; each record as a line. Changes nothing.</summary>
    /// <exception cref="JournalDamagedException">It will not: something durable is missing or not what it was.</exception>
    public IReadOnlyList<string> Read()
    {
        var copy = new JournalDisk(cluster, replica, conditions, new(seed: 1)) { Storage = Storage.Copy() };
        copy.Open(out var records);
        return [.. records.Select(Describe)];
    }

    private JournalOptions Options(Func<ulong> drawNonce) => new()
    {
        SegmentBytes = conditions.SegmentBytes,
        SnapshotLogBytesMin = conditions.SnapshotLogBytesMin,
        Inline = true,
        InlineSnapshotBytes = conditions.SnapshotStepBytes,
        DrawNonce = drawNonce,
        Owner = "a simulated replica",
    };

    private static string Describe(JournalRecord record)
    {
        var envelope = record.Subject switch
        {
            PrePrepare proposal => proposal.Envelope,
            NewView newView => newView.Envelope,
            _ => default,
        };
        return $"{record.Kind} {record.View} {record.Sequence} {record.Digest.ToHex()} {record.Subject} {Convert.ToHexString(envelope.Span)}";
    }
}
