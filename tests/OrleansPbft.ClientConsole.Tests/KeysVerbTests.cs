using OrleansPbft.ClientConsole.Tests.Support;
using OrleansPbft.Cryptography;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>The keys of a federation, from the command line: who gets what, who can read it, and what is never shown (A-5, C-1).</summary>
public sealed class KeysVerbTests : IDisposable
{
    private static readonly UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _directory = Directory.CreateTempSubdirectory("orleanspbft-console-").FullName;

    private string Out => Path.Combine(_directory, "cluster");

    [Fact]
    public async Task Every_organisation_gets_its_own_secrets_and_what_is_public()
    {
        var run = await InitAsync();

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        var file = ClusterFile.Load(Path.Combine(Out, "cluster.json"));
        Assert.Equal(AccessMode.Listed, file.Access);
        Assert.Equal([.. Enumerable.Range(0, 4).Select(static i => $"127.0.0.1:{7000 + i}")], file.Addresses.Select(static address => address.ToString()));
        var listed = ClientList.Load(Path.Combine(Out, "clients.txt"));
        for (var id = 0; id < 4; id++)
        {
            var folder = Path.Combine(Out, $"replica-{id}");
            using var key = KeyFile.Load(Path.Combine(folder, "replica.pem"));
            using var api = KeyFile.Load(Path.Combine(folder, "client.pem"));
            using var certificate = ReplicaCertificate.Load(Path.Combine(folder, "certificate.pem"));
            Assert.True(file.Membership.TryFind(key.PublicKey, out var replica));
            Assert.Equal(id, replica.Index);
            Assert.Equal(CertificateProblem.None, ReplicaCertificate.FindProblem(certificate, key.PublicKey, DateTimeOffset.UtcNow));
            Assert.Contains(new ListedClient(api.PublicKey, $"replica-{id}"), listed);
            AssertSameAsPublic(folder, "cluster.json");
            AssertSameAsPublic(folder, "clients.txt");
            var settings = await ReadAsync(Path.Combine(folder, "appsettings.json"));
            Assert.Contains($"127.0.0.1:{5080 + id}", settings, StringComparison.Ordinal);
            Assert.Contains("\"JournalDirectory\": \"journal\"", settings, StringComparison.Ordinal);
        }

        using var client = KeyFile.Load(Path.Combine(Out, "client", "client.pem"));
        Assert.Contains(new ListedClient(client.PublicKey, "client"), listed);
        AssertSameAsPublic(Path.Combine(Out, "client"), "cluster.json");
    }

    /// <summary>Rule A-5: nobody but the owner, from the first moment; and a secret is in one file only.</summary>
    [Fact]
    public async Task Private_files_are_their_owners_alone_and_each_is_in_one_place()
    {
        await InitAsync();

        var secrets = Directory.GetFiles(Out, "*", SearchOption.AllDirectories)
            .Where(static path => File.ReadAllText(path).Contains("PRIVATE", StringComparison.Ordinal))
            .ToArray();
        Assert.Equal(9, secrets.Length);
        Assert.Equal(9, secrets.Select(File.ReadAllText).Distinct().Count());
        if (OperatingSystem.IsWindows()) return;
        foreach (var path in secrets)
        {
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
            Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        }
    }

    [Fact]
    public async Task Keys_are_never_overwritten()
    {
        await InitAsync();
        var before = await ReadAsync(Path.Combine(Out, "replica-0", "replica.pem"));

        var again = await InitAsync();
        var client = await ConsoleRun.OfAsync("keys", "client", "--name", "alice", "--out", Path.Combine(Out, "client"));

        Assert.Equal((ExitCode.Failure, ExitCode.Failure), (again.ExitCode, client.ExitCode));
        Assert.Contains("never overwritten", again.Errors, StringComparison.Ordinal);
        Assert.Contains("client.pem", client.Errors, StringComparison.Ordinal);
        Assert.Equal(before, await ReadAsync(Path.Combine(Out, "replica-0", "replica.pem")));
    }

    [Fact]
    public async Task What_is_set_is_in_the_cluster_file()
    {
        var run = await ConsoleRun.OfAsync(
            "keys", "init", "--replicas", "4", "--out", Out, "--service", "Counter", "--access", "open", "--option", "LogWindow=512", "--option", "SessionsMax=7",
            "--address", "a.example:1", "--address", "b.example:2", "--address", "[2001:db8::3]:3", "--address", "192.0.2.4:4", "--days", "3");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        var file = ClusterFile.Load(Path.Combine(Out, "cluster.json"));
        Assert.Equal(("Counter", AccessMode.Open, 512, 7), (file.Service, file.Access, file.Options.LogWindow, file.Options.SessionsMax));
        Assert.Equal(["a.example:1", "b.example:2", "[2001:db8::3]:3", "192.0.2.4:4"], file.Addresses.Select(static address => address.ToString()));
        foreach (var (id, listens) in new[] { (0, "0.0.0.0:1"), (2, "[::]:3"), (3, "0.0.0.0:4") })
        {
            Assert.Contains($"\"{listens}\"", await ReadAsync(Path.Combine(Out, $"replica-{id}", "appsettings.json")), StringComparison.Ordinal);
        }

        using var certificate = ReplicaCertificate.Load(Path.Combine(Out, "replica-1", "certificate.pem"));
        Assert.InRange(certificate.NotAfter.ToUniversalTime(), DateTime.UtcNow.AddDays(2), DateTime.UtcNow.AddDays(4));
    }

    [Fact]
    public async Task A_client_s_line_lists_it()
    {
        await InitAsync();

        var run = await ConsoleRun.OfAsync(
            "keys", "client", "--name", "alice", "--out", Path.Combine(_directory, "alice"), "--cluster", Path.Combine(Out, "cluster.json"), "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        using var key = KeyFile.Load(Path.Combine(_directory, "alice", "client.pem"));
        Assert.True(ClientList.TryParse(run.Json.GetProperty("line").GetString()!, out var clients, out _));
        Assert.Equal([new(key.PublicKey, "alice")], clients);
        Assert.Equal(key.PublicKey.ClientId.ToString(), run.Json.GetProperty("client").GetString());
        AssertSameAsPublic(Path.Combine(_directory, "alice"), "cluster.json");
    }

    [Fact]
    public async Task A_renewed_certificate_has_the_key_it_had()
    {
        await InitAsync();
        var folder = Path.Combine(Out, "replica-2");
        using var before = ReplicaCertificate.Load(Path.Combine(folder, "certificate.pem"));

        var run = await ConsoleRun.OfAsync("keys", "renew", folder, "--days", "2000");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        using var key = KeyFile.Load(Path.Combine(folder, "replica.pem"));
        using var after = ReplicaCertificate.Load(Path.Combine(folder, "certificate.pem"));
        Assert.NotEqual(before.Thumbprint, after.Thumbprint);
        Assert.Equal(CertificateProblem.None, ReplicaCertificate.FindProblem(after, key.PublicKey, DateTimeOffset.UtcNow.AddDays(1990)));
    }

    [Fact]
    public async Task What_is_shown_is_public()
    {
        await InitAsync();
        var folder = Path.Combine(Out, "replica-2");
        using var key = KeyFile.Load(Path.Combine(folder, "replica.pem"));
        var secret = string.Concat((await File.ReadAllLinesAsync(Path.Combine(folder, "replica.pem"), TestContext.Current.CancellationToken))[1..^1]);

        var run = await ConsoleRun.OfAsync("keys", "show", folder);
        var json = await ConsoleRun.OfAsync("keys", "show", Path.Combine(folder, "replica.pem"), "--json");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Errors));
        Assert.Contains("a private key of replica 2; only its owner can read it. ", run.Output, StringComparison.Ordinal);
        Assert.Contains($"Public key {key.PublicKey}, fingerprint {key.PublicKey.Fingerprint}", run.Output, StringComparison.Ordinal);
        Assert.Contains($"a certificate of replica 2, key {key.PublicKey.Fingerprint}; valid", run.Output, StringComparison.Ordinal);
        Assert.Contains($"replica 3 at 127.0.0.1:7003, key ", run.Output, StringComparison.Ordinal);
        Assert.Contains("a list of 5 clients", run.Output, StringComparison.Ordinal);
        Assert.Equal(key.PublicKey.Fingerprint, json.Json.GetProperty("files")[0].GetProperty("fingerprint").GetString());
        foreach (var said in new[] { run.Output, json.Output })
        {
            Assert.DoesNotContain(secret[..40], said, StringComparison.Ordinal);
            Assert.DoesNotContain("PRIVATE KEY", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_private_key_that_others_can_read_is_refused_with_the_command_that_mends_it()
    {
        if (OperatingSystem.IsWindows()) return;
        await InitAsync();
        var path = Path.Combine(Out, "replica-1", "replica.pem");
        File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.GroupRead);

        var run = await ConsoleRun.OfAsync("keys", "show", path);

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains($"chmod 600 {path}", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4 to 64 replicas", "init", "--out", "x", "--replicas", "3")]
    [InlineData("once for each of the 4 replicas", "init", "--out", "x", "--address", "a:1")]
    [InlineData("'a' is no address", "init", "--out", "x", "--replicas", "1", "--address", "a")]
    [InlineData("'LogWidth=3' is no option", "init", "--out", "x", "--option", "LogWidth=3")]
    [InlineData("LogWindow (3)", "init", "--out", "x", "--option", "LogWindow=3")]
    [InlineData("--days must be", "init", "--out", "x", "--days", "0")]
    [InlineData("--http-port", "init", "--out", "x", "--http-port", "65535")]
    [InlineData("like a replica", "init", "--out", "x", "--client", "replica-0")]
    [InlineData("no name for a client", "client", "--name", "a/b")]
    [InlineData("Option '--out' is required", "init")]
    public async Task What_can_not_be_meant_is_refused_and_nothing_is_written(string reason, params string[] arguments)
    {
        var run = await ConsoleRun.OfAsync(["keys", .. arguments.Select(argument => argument == "x" ? Out : argument)]);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory));
    }

    [Fact]
    public async Task What_is_no_file_of_a_federation_says_so()
    {
        var path = Path.Combine(_directory, "cluster.json");
        await File.WriteAllTextAsync(path, "{}", TestContext.Current.CancellationToken);

        var missing = await ConsoleRun.OfAsync("keys", "show", Path.Combine(_directory, "none"));
        var wrong = await ConsoleRun.OfAsync("keys", "show", path);

        Assert.Equal((ExitCode.Failure, ExitCode.Failure), (missing.ExitCode, wrong.ExitCode));
        Assert.Contains("nothing at", missing.Errors, StringComparison.Ordinal);
        Assert.Contains($"{path}: The cluster file is not as it should be", wrong.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Task<ConsoleRun> InitAsync() => ConsoleRun.OfAsync("keys", "init", "--replicas", "4", "--out", Out);

    private void AssertSameAsPublic(string folder, string name) => Assert.Equal(File.ReadAllText(Path.Combine(Out, name)), File.ReadAllText(Path.Combine(folder, name)));

    private static Task<string> ReadAsync(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
}
