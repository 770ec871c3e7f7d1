namespace OrleansPbft.EndToEnd;

/// <summary>Guided scenarios as teachers start them: a console and a silo, each a process of its own.</summary>
public sealed class DemoTests(FaultySiloFixture fixture) : IClassFixture<FaultySiloFixture>
{
    private SiloProcess Silo => fixture.Silo;

    [Fact]
    public async Task A_new_leader_takes_over_and_everything_is_as_expected()
    {
        await using var console = Start("demo", "new-leader");
        await console.TypeAsync(default);

        Assert.True(await console.ExitAsync() == 0, console.Output + console.Errors);
        Assert.Contains("nothing was lost or doubled", console.Output, StringComparison.Ordinal);
        Assert.Contains("The point: ", console.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("NOT AS EXPECTED", console.Output, StringComparison.Ordinal);
        Assert.Equal(0, await FaultyAsync());
    }

    [Fact]
    public async Task Interrupted_it_heals_what_it_broke()
    {
        await using var console = Start("demo", "too-many");
        await console.LineAsync("3. A patient client"); // two replicas are silent by now
        Assert.Equal(2, await FaultyAsync());
        console.Signal(ProgramProcess.Interrupt);

        Assert.Equal(1, await console.ExitAsync());
        Assert.Contains("Stopped.", console.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await FaultyAsync());
    }

    private ProgramProcess Start(params string[] arguments) => ProgramProcess.Start("Client", arguments, ("Pbft__Client__Endpoint", Silo.Address.ToString()));

    private async Task<int> FaultyAsync() => (await Silo.SendAsync(HttpMethod.Get, "/v1/faults")).Body.GetProperty("faulty").GetInt32();
}
