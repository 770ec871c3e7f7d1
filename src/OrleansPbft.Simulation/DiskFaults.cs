using OrleansPbft.Core;
using OrleansPbft.Journal;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Simulation;

/// <summary>Takes machines' power in the middle of what their disks do, and damages what lies on a disk.</summary>
internal sealed class DiskFaults(SimulationPlan plan, SimulatedCluster cluster, Action<string> note)
{
    private const int UsedPerMille = 800;

    private readonly PowerLost?[] _armed = new PowerLost?[plan.Options.Cluster.Replicas];

    /// <summary>From here on the operations of the trigger's disk are counted.</summary>
    public void Begin(PowerLost happening)
    {
        var replica = cluster.Replicas[happening.Trigger.Index];
        if (!CanCrash(replica)) return;
        _armed[replica.Id.Index] = happening;
        DiskOf(replica).CrashAt(happening.Operation, happening.IsAfter, happening.Outcome);
        replica.OnPowerLost = OnPowerLost;
    }

    /// <summary>No disk crashes any more.</summary>
    public void End()
    {
        foreach (var replica in cluster.Replicas) (replica.Disk as JournalDisk)?.CrashNever();
    }

    /// <summary>Ends a replica, flips a bit of its journal, and tries to start it again: it refuses and says where, or nothing was lost.</summary>
    public void Damage(SimulatedReplica replica, Prng random)
    {
        var disk = DiskOf(replica);
        disk.Outcome = CrashOutcome.Killed;
        replica.Crash();
        var whole = disk.Read();
        var name = random.Pick<string>([.. disk.Storage.List().Where(IsRead)]);
        var at = PickByte(disk.Storage.Contents(name), random);
        var bit = random.Between(0, 7);
        disk.Storage.Damage(name, bytes =>
        {
            bytes[at] ^= (byte)(1 << bit);
            return bytes;
        });
        note($"-- bit {bit} of byte {at} of {replica.Id}'s {name} is flipped");
        try
        {
            RequireSame(replica, whole, disk.Read(), $"bit {bit} of byte {at} of {name}");
            cluster.Report.Count(Mark.DamageHarmless);
            replica.Restart();
        }
        catch (JournalDamagedException refusal)
        {
            note($"-- {replica.Id} does not start: {refusal.Message}");
            if (Path.GetFileName(refusal.File) != name || refusal.Offset < 0 || refusal.Offset > disk.Storage.Contents(name).Length)
            {
                throw new SimulationFailedException($"Damage: byte {at} of {replica.Id}'s {name} is damaged, and {refusal.File} at byte {refusal.Offset} is named.");
            }

            cluster.Report.Count(Mark.DamageRefused);
        }
    }

    private static bool IsRead(string file) => file.EndsWith(".segment", StringComparison.Ordinal) || file.EndsWith(".snapshot", StringComparison.Ordinal);

    private static JournalDisk DiskOf(SimulatedReplica replica) =>
        replica.Disk as JournalDisk ?? throw new InvalidOperationException($"{replica.Id} keeps no journal: the plan is not durable.");

    /// <summary>Mostly where something is: in use, or right behind.</summary>
    private static int PickByte(byte[] content, Prng random)
    {
        var used = Array.FindLastIndex(content, static one => one != 0) + 1;
        return random.Between(0, (random.Chance(UsedPerMille) ? Math.Min(content.Length, used + 40) : content.Length) - 1);
    }

    private static void RequireSame(SimulatedReplica replica, IReadOnlyList<string> whole, IReadOnlyList<string> found, string where)
    {
        if (whole.SequenceEqual(found, StringComparer.Ordinal)) return;
        throw new SimulationFailedException($"Damage: {replica.Id} started with {found.Count} of {whole.Count} records, and did not notice that {where} is another.");
    }

    private bool CanCrash(SimulatedReplica replica) => !replica.IsCrashed && !plan.Faults.ContainsKey(replica.Id);

    private void OnPowerLost(SimulatedReplica trigger)
    {
        if (_armed[trigger.Id.Index] is not { } happening) return;
        _armed[trigger.Id.Index] = null;
        var down = new List<SimulatedReplica> { trigger };
        foreach (var id in happening.With.Without(trigger.Id))
        {
            var other = cluster.Replicas[id.Index];
            if (!CanCrash(other)) continue;
            DiskOf(other).Outcome = happening.Outcome;
            other.Crash();
            down.Add(other);
        }

        Count(happening, down.Count);
        note($"-- {string.Join(", ", down.Select(static one => one.Id))} without power: {happening.Outcome}");
        foreach (var replica in down) cluster.Time.After(happening.For, () => Restart(replica, happening));
    }

    private void Count(PowerLost happening, int down)
    {
        cluster.Report.Count(happening.IsNewStart ? Mark.PowerLostAgain : Mark.PowerLost);
        if (happening.With == plan.Options.Cluster.All) cluster.Report.Count(Mark.PowerLostByAll);
        else if (down > 1) cluster.Report.Count(Mark.PowerLostBySeveral);
    }

    private void Restart(SimulatedReplica replica, PowerLost happening)
    {
        if (!replica.IsCrashed) return;
        if (replica.Id == happening.Trigger && happening.Again is { } again)
        {
            _armed[replica.Id.Index] = happening with { With = ReplicaSet.Empty, Again = null, IsNewStart = true };
            DiskOf(replica).CrashAt(again, happening.IsAfter, happening.Outcome);
        }

        replica.Restart();
    }
}
