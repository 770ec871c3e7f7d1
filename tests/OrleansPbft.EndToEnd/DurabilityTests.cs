using OrleansPbft.Client;
using OrleansPbft.Cryptography;

namespace OrleansPbft.EndToEnd;

/// <summary>A silo that keeps its state is killed, and what it had acknowledged is there when it starts again (D-1, D-3); another can not have its journals (D-4).</summary>
public sealed class DurabilityTests : IDisposable
{
    private const int Kill = 9;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("orleanspbft-durability-");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string[] Settings => ["--Pbft:Durability=Sync", $"--Pbft:JournalDirectory={_directory.FullName}"];

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task What_a_killed_silo_had_acknowledged_is_there_when_it_starts_again()
    {
        var acknowledged = 0L;
        for (var start = 0; start < 3; start++)
        {
            await using var silo = await SiloProcess.StartAsync(Settings);
            using var key = KeyPair.Create();
            await using var connection = await ClusterConnection.ConnectAsync(silo.Address, cancellationToken: Cancelled);
            await using var client = connection.CreateClient(key);
            var store = new KeyValueClient(client);
            for (var i = 0; i < 20; i++)
            {
                var answer = await store.IncrementAsync("n", 1, Cancelled);
                Assert.Equal(++acknowledged, answer.Result.Version); // each exactly once
            }

            silo.Process.Signal(Kill);
            await silo.Process.ExitAsync();
        }

        await using var verified = ProgramProcess.Start("Client", ["journal", "verify", Path.Combine(_directory.FullName, "replica-3")]);
        Assert.Equal(0, await verified.ExitAsync());
    }

    [Fact]
    public async Task A_second_silo_on_the_same_journals_is_refused_in_one_line_that_names_the_first()
    {
        await using var first = await SiloProcess.StartAsync(Settings);
        await using var second = ProgramProcess.Start("Silo", [.. Settings, "--Urls=http://127.0.0.1:0"]);

        Assert.Equal(1, await second.ExitAsync());
        var line = Assert.Single(second.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("is in use by process", line, StringComparison.Ordinal);
        Assert.Contains(Environment.MachineName, line, StringComparison.Ordinal);
    }
}
