using OrleansPbft.ClientConsole.Tests.Support;
using OrleansPbft.Cryptography;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>--config: a folder in place of a silo's address, and what it can not be used for.</summary>
public sealed class FederationOptionTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("orleanspbft-config-").FullName;

    private string Client => Path.Combine(_directory, "cluster", "client");

    [Theory]
    [InlineData("give one of them", "put a b --config x --endpoint http://127.0.0.1:1")]
    [InlineData("asked of one silo by its own operator", "fault list --config x")]
    [InlineData("asked of one silo by its own operator", "demo lie --config x")]
    public async Task What_a_federation_can_not_be_asked_is_refused(string reason, string line)
    {
        var run = await ConsoleRun.OfAsync(line.Split(' '));

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_its_files_says_which_is_missing()
    {
        var missing = await ConsoleRun.OfAsync("put", "a", "b", "--config", _directory);
        await InitAsync();
        File.Delete(Path.Combine(Client, "client.pem"));
        var keyless = await ConsoleRun.OfAsync("put", "a", "b", "--config", Client);

        Assert.Equal((ExitCode.Failure, ExitCode.Failure), (missing.ExitCode, keyless.ExitCode));
        Assert.Contains("cluster.json", missing.Errors, StringComparison.Ordinal);
        Assert.Contains("client.pem", keyless.Errors, StringComparison.Ordinal);
    }

    /// <summary>Rule A-5: the console's key is private, or it is not used.</summary>
    [Fact]
    public async Task A_key_that_others_can_read_is_not_used()
    {
        if (OperatingSystem.IsWindows()) return;
        await InitAsync();
        File.SetUnixFileMode(Path.Combine(Client, "client.pem"), UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var run = await ConsoleRun.OfAsync("get", "a", "--config", Client);

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains("chmod 600", run.Errors, StringComparison.Ordinal);
    }

    /// <summary>Where nobody answers, the client says so of each replica, and so does the status.</summary>
    [Fact]
    public async Task Replicas_that_are_away_are_named()
    {
        await InitAsync();
        var file = ClusterFile.Load(Path.Combine(Client, "cluster.json"));

        var put = await ConsoleRun.OfAsync("put", "a", "b", "--config", Client, "--timeout", "1", "--json");
        var status = await ConsoleRun.OfAsync("status", "--config", Client);

        Assert.Equal((ExitCode.Failure, ExitCode.Failure), (put.ExitCode, status.ExitCode));
        Assert.Equal("unreachable", put.Json.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("No replica answers", status.Errors, StringComparison.Ordinal);
        for (var i = 0; i < 4; i++)
        {
            Assert.Contains($"replica {i} at {file.Addresses[i]}", put.Output, StringComparison.Ordinal);
            Assert.Contains($"replica {i} at {file.Addresses[i]}", status.Errors, StringComparison.Ordinal);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    // Ports below 10 are nobody's here.
    private Task<ConsoleRun> InitAsync() => ConsoleRun.OfAsync("keys", "init", "--out", Path.Combine(_directory, "cluster"), "--port", "2");
}
