namespace OrleansPbft.Dashboard.Tests;

/// <summary>One silo of four replicas that can be made faulty on purpose, for all tests of a class.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    internal SiloProcess Silo { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        // Half a second in place of two: a view change is what is waited for, and not how long.
        Silo = await SiloProcess.StartAsync("--Pbft:FaultInjection:Enabled=true", "--Pbft:RequestTimeout=00:00:00.500");
    }

    public ValueTask DisposeAsync() => Silo.DisposeAsync();
}
