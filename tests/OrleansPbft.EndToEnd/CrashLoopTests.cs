namespace OrleansPbft.EndToEnd;

/// <summary>Silos are killed under load, one and all (D-1, D-3): nothing that was acknowledged is lost, nothing is done twice, and all come to one state.</summary>
public sealed class CrashLoopTests
{
    /// <summary>With <c>PBFT_CRASH_ROUNDS</c>, goes on with rounds that are drawn from a seed; eng/crash-loop runs it so.</summary>
    [Fact]
    public async Task Whoever_is_killed_under_load_nothing_acknowledged_is_lost_or_doubled()
    {
        var isLong = LongForm.Rounds > 1;
        await using var federation = await Federation.CreateAsync(keys: Federation.SmallWindow, settings: Federation.Quick, isProxied: isLong);
        await federation.StartAllAsync();
        await using var load = federation.BeginLoad();
        await load.GoesOnAsync();
        var kills = 0;

        for (var replica = 0; replica < Federation.Replicas; replica++)
        {
            await federation.KillAsync(replica);
            await load.GoesOnAsync();
            await federation.StartAsync(replica);
            await federation.CaughtUpAsync(replica);
            await load.GoesOnAsync();
            kills++;
        }

        await federation.KillAllAsync();
        kills += Federation.Replicas;
        await federation.StartAllAsync();
        await load.GoesOnAsync();

        var random = new Random(LongForm.Seed);
        for (var round = 2; round <= LongForm.Rounds; round++)
        {
            // Beside the clients that check, some that only load. Those give up when nothing answers for long: each round has new ones.
            await using var bench = ProgramProcess.Start(
                "Client", ["bench", "--config", federation.PathOf("client"), "--clients", "4", "--bundle", "4", "--warmup", "0", "--duration", "3600"]);
            var what = await RoundAsync(federation, load, random);
            kills += what.Kills;
            LongForm.Tell($"round {round}: {what.Name}; {kills} kills, {load.Acknowledged} acknowledged, {load.Unknown} unknown");
        }

        var report = await federation.EndAsync(load);
        LongForm.Tell($"{LongForm.Rounds} rounds, {kills} kills: {report}; all replicas in one state");
    }

    /// <summary>A round of the long form: something bad happens, perhaps to more than f replicas, and then the cluster must go on.</summary>
    private static async Task<(string Name, int Kills)> RoundAsync(Federation federation, CheckedLoad load, Random random)
    {
        int[] order = [0, 1, 2, 3];
        random.Shuffle(order);
        var (one, other) = (order[0], order[1]);
        switch (random.Next(9))
        {
            case 0:
                await federation.KillAllAsync();
                await federation.StartAllAsync();
                await load.GoesOnAsync();
                return ("all killed at once", Federation.Replicas);
            case 1: // without a quorum, and not all of the votes lost
                await Task.WhenAll(federation.KillAsync(one), federation.KillAsync(other));
                await federation.StartAllAsync();
                await load.GoesOnAsync();
                return ($"{one} and {other} killed at once", 2);
            case 2: // killed while it starts again
                await federation.KillAsync(one);
                await federation.StartAsync(one);
                await federation.KillAsync(one);
                await load.GoesOnAsync();
                await federation.StartAllAsync();
                await federation.CaughtUpAsync(one);
                return ($"{one} killed twice", 2);
            case 3:
                federation[one].Signal(ProgramProcess.Stop);
                await load.GoesOnAsync();
                federation[one].Signal(ProgramProcess.Continue);
                await federation.CaughtUpAsync(one);
                return ($"{one} stood still", 0);
            case 4:
                federation.Network!.CutFrom(one);
                await load.GoesOnAsync();
                federation.Network.Heal();
                await federation.CaughtUpAsync(one);
                return ($"nothing from {one} arrived", 0);
            case 5: // cut off, and another killed: no quorum until it heals
                federation.Network!.Part([one]);
                await federation.KillAsync(other);
                await federation.StartAsync(other);
                federation.Network.Heal();
                await load.GoesOnAsync();
                await federation.CaughtUpAsync(one);
                return ($"{one} cut off while {other} was killed", 1);
            case 6: // one after another, without waiting for anybody
                foreach (var replica in order)
                {
                    await federation.KillAsync(replica);
                    await federation.StartAsync(replica);
                }

                await load.GoesOnAsync();
                return ("all killed one after another", Federation.Replicas);
            case 7:
                await federation.LoseDiskAsync(one);
                await load.GoesOnAsync();
                await federation.StartAsync(one);
                await federation.CaughtUpAsync(one); // not before it is a learner no more: no other may fail meanwhile
                return ($"{one} lost its disk", 1);
            default:
                await federation.KillAsync(one);
                await load.GoesOnAsync(200);
                await federation.StartAsync(one);
                await federation.CaughtUpAsync(one);
                return ($"{one} killed", 1);
        }
    }
}
