namespace OrleansPbft.EndToEnd;

/// <summary>One silo with the default settings, for all tests of a class.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    internal SiloProcess Silo { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Silo = await SiloProcess.StartAsync();

    public ValueTask DisposeAsync() => Silo.DisposeAsync();
}
