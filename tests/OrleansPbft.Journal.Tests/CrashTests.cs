using OrleansPbft.Core;
using OrleansPbft.Faults;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Journal.Tests;

/// <summary>
/// Rules D-2, D-3: the machine loses its power before every single operation of a run with appends, flushes, new segments, snapshots and drops, and
/// what was not flushed is lost, kept or torn, as a seed decides. Everything confirmed is there again, in order, and nothing else; and the journal goes on.
/// </summary>
public sealed class CrashTests
{
    private const int SeedsOfEach = 4;

    private static readonly JournalRecord[] Script = Records(requests: 34);

    private static readonly (SequenceNumber Sequence, string Text)[] Described = [.. Script.Select(static one => (one.Sequence, Make.Describe(WithoutState(one))))];

    [Theory]
    [InlineData(1 << 20)] // snapshots in one go
    [InlineData(700)] // and in steps, between the flushes
    public void A_crash_before_any_operation_loses_nothing_that_was_confirmed(int inlineSnapshotBytes)
    {
        var whole = new SimulatedStorage();
        Assert.Equal(Script.Length, Run(whole, inlineSnapshotBytes, epoch: 1));
        Assert.DoesNotContain("0000000001.segment", whole.List()); // segments were dropped,
        Assert.Single(whole.List(), static name => name.EndsWith(".snapshot", StringComparison.Ordinal)); // and snapshots
        Assert.InRange(whole.Operations, 150, 2000);

        var (torn, unconfirmed, snapshots) = (0, 0, 0);
        for (var crashAt = 0L; crashAt < whole.Operations; crashAt++)
        {
            for (var seed = 0UL; seed < SeedsOfEach; seed++)
            {
                var storage = new SimulatedStorage { CrashAt = crashAt };
                var confirmed = Run(storage, inlineSnapshotBytes, epoch: 1);
                storage = storage.AfterCrash(new(((ulong)crashAt * SeedsOfEach) + seed));

                var recovered = Disk.Open(storage, Disk.Options(seed: 2, inlineSnapshotBytes: inlineSnapshotBytes));
                JournalRecord[] read = [.. recovered.Records];
                var length = RequirePrefix(read, confirmed, $"crash at {crashAt}, seed {seed}");
                if (recovered.Torn is not null) torn++;
                if (length > confirmed) unconfirmed++;
                if (read is [{ Subject: StateSnapshot }, ..]) snapshots++;
                RequireState(read, length);
                GoOn(storage, recovered.Journal, length, inlineSnapshotBytes);
            }
        }

        Assert.True(torn > 50 && unconfirmed > 5 && snapshots > 200, $"{torn} torn, {unconfirmed} unconfirmed, {snapshots} with a snapshot"); // not vacuous
    }

    /// <summary>It crashes again while it starts again, any number of times.</summary>
    [Fact]
    public void A_crash_while_it_opens_loses_nothing_either()
    {
        var random = new Prng(7);
        for (var crashAt = 10L; crashAt < 400; crashAt += 13)
        {
            var storage = new SimulatedStorage { CrashAt = crashAt };
            var confirmed = Run(storage, inlineSnapshotBytes: 700, epoch: 1);
            for (var openCrashAt = 0L; ; openCrashAt++)
            {
                storage = storage.AfterCrash(random.Fork());
                storage.CrashAt = openCrashAt;
                try
                {
                    var read = Disk.Open(storage, Disk.Options(seed: (ulong)openCrashAt)).Records;
                    confirmed = RequirePrefix([.. read], confirmed, $"crash at {crashAt}, and at {openCrashAt} of the opening"); // what was read once counts
                    break;
                }
                catch (SimulatedCrashException)
                {
                    Assert.InRange(openCrashAt, 0, 30);
                }
            }
        }
    }

    /// <summary>Appends the script from where the journal ends; a flush for every third record or so.</summary>
    /// <returns>How many records were confirmed.</returns>
    private static int Run(SimulatedStorage storage, int inlineSnapshotBytes, ulong epoch)
    {
        var confirmed = 0;
        try
        {
            var journal = Disk.Open(storage, Disk.Options(seed: epoch, inlineSnapshotBytes: inlineSnapshotBytes)).Journal;
            confirmed = Append(journal, from: 0, Script.Length);
        }
        catch (SimulatedCrashException crash) when (crash.Data["confirmed"] is int before)
        {
            confirmed = before;
        }
        catch (SimulatedCrashException)
        {
            // Before anything was appended.
        }

        return confirmed;
    }

    private static int Append(ReplicaJournal journal, int from, int to)
    {
        var confirmed = from;
        try
        {
            for (var i = from; i < to; i++)
            {
                journal.Append(Script[i]);
                if (i % 3 != 0 && i % 7 != 0 && i != to - 1) continue;
                journal.Flush();
                confirmed = i + 1;
            }
        }
        catch (SimulatedCrashException crash)
        {
            crash.Data["confirmed"] = confirmed;
            throw;
        }

        return confirmed;
    }

    /// <summary>The reopened journal takes what follows, and has it after the next crash.</summary>
    private static void GoOn(SimulatedStorage storage, ReplicaJournal journal, int length, int inlineSnapshotBytes)
    {
        var to = Math.Min(Script.Length, length + 12);
        var confirmed = Append(journal, length, to);
        Assert.Equal(to, confirmed);
        storage = storage.AfterCrash(new((ulong)length));
        RequirePrefix([.. Disk.Open(storage, Disk.Options(seed: 3, inlineSnapshotBytes: inlineSnapshotBytes)).Records], confirmed, "after it went on");
    }

    /// <summary>What was read is the script up to somewhere not before what was confirmed, but for what its snapshot covers.</summary>
    private static int RequirePrefix(JournalRecord[] read, int confirmed, string when)
    {
        var snapshot = read is [{ Subject: StateSnapshot state }, ..] ? state.Sequence : SequenceNumber.Zero;
        var described = read.Skip(snapshot > SequenceNumber.Zero ? 1 : 0).Described().ToArray();
        for (var length = Script.Length; length >= confirmed; length--)
        {
            if (described.SequenceEqual(Described.Take(length).Where(one => one.Sequence > snapshot).Select(static one => one.Text))) return length;
        }

        Assert.Fail($"{when}: {described.Length} records behind {snapshot} are no prefix of the script of at least {confirmed}.");
        return 0;
    }

    private static void RequireState(JournalRecord[] read, int length)
    {
        var expected = TestMember.From(0, Options, Script.Take(length));
        var actual = TestMember.From(0, Options, read);
        Assert.Equal(expected.Replica.Snapshot(), actual.Replica.Snapshot());
    }

    private static JournalRecord WithoutState(JournalRecord record) => record.Kind == JournalRecordKind.StableCheckpoint ? record with { Subject = null } : record;

    private static ProtocolOptions Options => new TestCluster(replicas: 1).Options;

    /// <summary>What a single replica makes durable that executes so many requests, large and small.</summary>
    private static JournalRecord[] Records(int requests)
    {
        var cluster = new TestCluster(replicas: 1).Start();
        cluster.Submit(Make.Open());
        for (var i = 1; i <= requests; i++) cluster.Submit(Make.Put(i, $"key {i % 6}", valueBytes: i * 97 % 900));
        Assert.Equal(requests + 1, cluster.Members[0].Replica.LastExecuted.Value);
        return [.. cluster.Records[0]];
    }
}
