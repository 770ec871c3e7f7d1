namespace OrleansPbft.Dashboard.Tests;

/// <summary>One silo of four replicas that can be made faulty on purpose, for all tests of a class.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    internal SiloProcess Silo { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Silo = await SiloProcess.StartAsync("--Pbft:FaultInjection:Enabled=true");

    public ValueTask DisposeAsync() => Silo.DisposeAsync();
}
