using Microsoft.Extensions.DependencyInjection;
using OrleansPbft.Core;
using OrleansPbft.Grains.Tests.Support;
using OrleansPbft.Journal;
using OrleansPbft.Journal.Storage;
using OrleansPbft.Simulation.Storage;

namespace OrleansPbft.Grains.Tests;

/// <summary>Rules D-1, D-3, D-4 in a silo: what was acknowledged is there after a restart, and only one silo at a time has it.</summary>
public sealed class DurabilityTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("orleanspbft-durability-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task All_replicas_start_again_with_what_they_had_acknowledged()
    {
        var executed = 0L;
        var digest = "";
        var cluster = default(ClusterId);
        for (var start = 0; start < 3; start++)
        {
            await using var silo = await StartAsync();
            var before = await silo.Converge(silo.Cluster.Options.Cluster.All);
            Assert.All(before, status => Assert.Equal((executed, start == 0 ? status.StateDigest : digest), (status.LastExecuted, status.StateDigest)));
            Assert.True(start == 0 || cluster == silo.Cluster.Id);

            var client = silo.Connect();
            await client.OpenAsync();
            for (var i = 0; i < 20; i++) Assert.Equal(ReplyStatus.Executed, (await client.SubmitAsync([(byte)i])).Reply.Status);
            var after = await silo.Converge(silo.Cluster.Options.Cluster.All);

            (executed, digest, cluster) = (after[0].LastExecuted, after[0].StateDigest, silo.Cluster.Id);
            Assert.All(after, status => Assert.Equal(digest, status.StateDigest));
            Assert.True(executed >= 21 * (start + 1));
        }
    }

    [Fact]
    public async Task A_second_silo_on_the_same_directory_is_refused()
    {
        await using var silo = await StartAsync();

        var refusal = await Assert.ThrowsAsync<JournalInUseException>(StartAsync);

        Assert.Contains($"process {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A replica whose journal is gone could contradict its own votes: it joins as a learner, says so, and takes part again under load (D-5).</summary>
    [Fact]
    public async Task A_replica_that_lost_its_journal_is_a_learner_until_the_others_are_beyond_what_it_could_have_said()
    {
        await using (var silo = await StartAsync())
        {
            var client = silo.Connect();
            await client.OpenAsync();
            await silo.Converge(silo.Cluster.Options.Cluster.All);
        }

        Directory.Delete(Path.Combine(_directory.FullName, "replica-2"), recursive: true);
        var bound = 0L;
        for (var start = 0; start < 2; start++)
        {
            await using var silo = await StartAsync(); // and is one again after the next start
            await TestSilo.Eventually(async () => (await silo.StatusOf(2)).SilentUpTo is not null);
            var learner = await silo.StatusOf(2);
            Assert.Equal("Learner", learner.State);
            Assert.All(await silo.Converge(silo.Cluster.Options.Cluster.All.Without(new(2))), static status => Assert.Equal(("Normal", null), (status.State, status.SilentUpTo)));
            bound = learner.SilentUpTo!.Value;
            Assert.InRange(bound, 17, 18); // what it executed, and L
            if (start == 0) continue;

            var client = silo.Connect();
            await client.OpenAsync();
            await TestSilo.Eventually(async () =>
            {
                Assert.Equal(ReplyStatus.Executed, (await client.SubmitAsync([1])).Reply.Status);
                return (await silo.StatusOf(2)).State == "Normal";
            });
            Assert.True((await silo.StatusOf(2)).StableCheckpoint >= bound);
        }

        await using var again = await StartAsync();
        Assert.All(await again.Converge(again.Cluster.Options.Cluster.All), static status => Assert.Equal("Normal", status.State)); // for good
    }

    /// <summary>Where more than f are gone, what was acknowledged may be gone with them.</summary>
    [Fact]
    public async Task More_than_f_lost_journals_are_refused()
    {
        await using (var silo = await StartAsync())
        {
            var client = silo.Connect();
            await client.OpenAsync();
        }

        Directory.Delete(Path.Combine(_directory.FullName, "replica-2"), recursive: true);
        Directory.Delete(Path.Combine(_directory.FullName, "replica-3"), recursive: true);

        Assert.Contains("The journals of r2, r3 are lost", (await Assert.ThrowsAsync<JournalLostException>(StartAsync)).Message, StringComparison.Ordinal);
        Assert.Contains("The journals of r2, r3 are lost", (await Assert.ThrowsAsync<JournalLostException>(StartAsync)).Message, StringComparison.Ordinal); // and stay so
    }

    [Fact]
    public async Task A_damaged_journal_stops_the_start_and_names_file_and_offset()
    {
        await using (var silo = await StartAsync())
        {
            var client = silo.Connect();
            await client.OpenAsync();
            await silo.Converge(silo.Cluster.Options.Cluster.All);
        }

        var file = Path.Combine(_directory.FullName, "replica-1", "0000000001.segment");
        await using (var segment = File.OpenWrite(file))
        {
            segment.Position = 4200;
            segment.WriteByte(0xFF);
            segment.WriteByte(0x00);
        }

        var damage = await Assert.ThrowsAsync<JournalDamagedException>(StartAsync);

        Assert.Equal((file, 4096L), (damage.File, damage.Offset));
    }

    /// <summary>A replica whose disk is full says so and is silent; the others go on; with room it goes on itself, with nothing lost.</summary>
    [Fact]
    public async Task A_replica_without_room_is_silent_until_there_is_some()
    {
        var disks = Enumerable.Range(0, 4).Select(i => new SimulatedStorage(Path.Combine(_directory.FullName, $"replica-{i}"))).ToArray();
        await using var silo = await StartAsync(path => disks.Single(disk => disk.Name == path));
        var client = silo.Connect();
        await client.OpenAsync();
        disks[2].BytesMax = 0;
        var large = new byte[200 << 10];

        await TestSilo.Eventually(async () =>
        {
            Assert.Equal(ReplyStatus.Executed, (await client.SubmitAsync(large)).Reply.Status);
            return (await silo.StatusOf(2)).State == ReplicaStatus.OutOfSpaceState;
        });
        var silent = await silo.StatusOf(2);
        Assert.Contains("has no room", silent.HaltedBecause, StringComparison.Ordinal);
        for (var i = 0; i < 5; i++) Assert.Equal(ReplyStatus.Executed, (await client.SubmitAsync([(byte)i])).Reply.Status);

        disks[2].BytesMax = long.MaxValue;
        var statuses = await silo.Converge(silo.Cluster.Options.Cluster.All);
        Assert.Single(statuses.Select(static status => status.StateDigest).Distinct());
        Assert.All(statuses, static status => Assert.Null(status.HaltedBecause));
    }

    private Task<TestSilo> StartAsync() => StartAsync(media: null);

    private Task<TestSilo> StartAsync(Func<string, IJournalStorage>? media) => TestSilo.StartAsync(
        configure: options =>
        {
            options.Durability = Durability.Sync;
            options.JournalDirectory = _directory.FullName;
            options.CheckpointInterval = 8;
            options.LogWindow = 16;
        },
        services: services =>
        {
            if (media is not null) services.AddSingleton(media);
        });
}
