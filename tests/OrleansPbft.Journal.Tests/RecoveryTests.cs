using OrleansPbft.Core;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Journal.Tests;

/// <summary>Rule D-3 with segments that are dropped: what a replica recovers from its journal is what it recovers from everything it ever made durable.</summary>
public sealed class RecoveryTests
{
    /// <summary>After every step of every replica, through view changes and state transfers: view, window, state, P and Q, and the very VIEW-CHANGE that was sent.</summary>
    [Theory]
    [InlineData(0, 1 << 20)] // a snapshot at every checkpoint, written at once
    [InlineData(0, 600)] // written while the next records come
    [InlineData(9_000, 600)]
    [InlineData(long.MaxValue, 600)] // none but those that a state transfer needs
    public void A_replica_is_what_it_was(long snapshotLogBytes, int inlineSnapshotBytes)
    {
        var options = Disk.Options(snapshotLogBytes: snapshotLogBytes, inlineSnapshotBytes: inlineSnapshotBytes);
        var storages = Enumerable.Range(0, 4).Select(static i => new SimulatedStorage($"disk {i}")).ToArray();
        var journals = storages.Select((storage, i) => Disk.Open(storage, options, i).Journal).ToArray();
        var (compared, dropped, replayed, behind) = (0, 0, 0, 0);
        ClusterRuns.ThroughViewChanges(cluster =>
        {
            var fresh = new bool[4];
            cluster.OnRecord = (i, record) =>
            {
                journals[i].Append(record);
                fresh[i] = true;
            };
            cluster.OnStepped = i =>
            {
                if (!fresh[i]) return;
                fresh[i] = false;
                journals[i].Flush();
                JournalRecord[] read = [.. Disk.Open(storages[i].Copy(), options, i).Records];
                compared++;
                if (!storages[i].List().Contains("0000000001.segment", StringComparer.Ordinal)) dropped++;
                switch (AssertSame(i, cluster, read))
                {
                    case < 0: behind++; break;
                    case > 0: replayed++; break;
                }
            };
        });

        Assert.True(compared > 300, $"{compared}");
        if (snapshotLogBytes < long.MaxValue) Assert.True(dropped > 100, $"{dropped}");
        Assert.True(replayed > 20, $"{replayed}"); // the last snapshot is not always at the window's start
        Assert.InRange(behind, 0, inlineSnapshotBytes > 1 << 19 ? 3 : 20); // a state that was fetched, and the crash came before all of it was written
    }

    /// <summary>1 where something was executed again from a state before the window; -1 where nothing leads to the window.</summary>
    private static int AssertSame(int self, TestCluster cluster, IReadOnlyList<JournalRecord> read)
    {
        var expected = TestMember.From(self, cluster.Options, cluster.Records[self]);
        var actual = TestMember.From(self, cluster.Options, read);
        var isBehind = actual.Replica.LastExecuted < expected.Replica.LastExecuted;
        if (isBehind) Assert.True(actual.Replica.LastExecuted < actual.Replica.StableCheckpoint);
        else Assert.Equal(expected.Replica.Snapshot(), actual.Replica.Snapshot());
        Assert.Equal(
            (expected.Replica.View, expected.Replica.IsActive, expected.Replica.StableCheckpoint, expected.Replica.IsLearner),
            (actual.Replica.View, actual.Replica.IsActive, actual.Replica.StableCheckpoint, actual.Replica.IsLearner));
        if (actual.Replica.IsLearner) return 0; // it says nothing
        Assert.Equal(Leave(expected), Leave(actual));
        var snapshot = read.FirstOrDefault(static one => one.Subject is StateSnapshot).Sequence;
        return isBehind ? -1 : snapshot < actual.Replica.StableCheckpoint && actual.Replica.LastExecuted >= actual.Replica.StableCheckpoint ? 1 : 0;
    }

    /// <summary>What it says of its log when it is made to leave its view, or says again of the one it left.</summary>
    private static string Leave(TestMember member)
    {
        var outbox = new Outbox();
        var view = member.Replica.View;
        foreach (var i in Enumerable.Range(0, 4))
        {
            if (member.Replica.IsActive) member.Replica.Step(Make.Noon, Input.Of(new Suspect(view, new(i))), outbox);
        }

        for (var i = 0; i < 8; i++) member.Replica.Step(Make.Noon.Plus(TimeSpan.FromSeconds(i)), Input.Tick, outbox);
        foreach (ref readonly var effect in outbox.Effects)
        {
            if (effect is not { Kind: EffectKind.Broadcast, IsVote: false, Message: ViewChange said }) continue;
            return Make.Describe(new(JournalRecordKind.ViewLeft, said.View, default, default, said));
        }

        throw new InvalidOperationException("It says nothing of its log.");
    }
}
