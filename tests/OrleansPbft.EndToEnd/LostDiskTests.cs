namespace OrleansPbft.EndToEnd;

/// <summary>A silo whose disk was wiped (D-5) does not know what it said: it learns in silence, takes part when it can contradict nothing, and the others go on.</summary>
public sealed class LostDiskTests
{
    [Fact]
    public async Task A_silo_whose_journal_is_gone_learns_in_silence_and_takes_part_again()
    {
        await using var federation = await Federation.CreateAsync(keys: Federation.SmallWindow, settings: Federation.Quick);
        await federation.StartAllAsync();
        await using var load = federation.BeginLoad();
        await load.GoesOnAsync(60);

        await federation.LoseDiskAsync(2);
        await load.GoesOnAsync();
        await federation.StartAsync(2);
        await federation[2].SaidAsync("joins as a learner");
        await federation.KillAsync(2); // that it is one it does not forget
        await federation.StartAsync(2);
        await federation[2].SaidAsync("takes part again beyond");
        await federation.CaughtUpAsync(2);

        await federation.KillAsync(0); // now there is no quorum without it
        await load.GoesOnAsync();
        await federation.StartAsync(0);
        await federation.CaughtUpAsync(0);
        await federation.EndAsync(load);
        var (exitCode, said) = await Federation.RunAsync("journal", "verify", federation.JournalOf(2));
        Assert.True(exitCode == 0, said);
    }
}
