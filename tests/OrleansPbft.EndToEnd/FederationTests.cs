using System.Diagnostics;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using OrleansPbft.Tests;

namespace OrleansPbft.EndToEnd;

/// <summary>Shape S3 with real processes: a silo for each organisation, clients that trust none alone (DESIGN 2, 9).</summary>
public sealed class FederationTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>The README's commands, as they stand there but for the ports and the folder.</summary>
    [Fact]
    public async Task The_commands_of_the_README_do_what_it_says()
    {
        if (OperatingSystem.IsWindows()) return; // the commands are for a POSIX shell
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(PathOf("Silo"))!, "../../../.."));
        var readme = await File.ReadAllTextAsync(Path.Combine(root, "README.md"), Cancelled);
        var section = readme[readme.IndexOf("## A federation", StringComparison.Ordinal)..];
        var commands = section.Split("```sh\n")[1].Split("```")[0].Trim().Split('\n');
        Assert.Equal(10, commands.Length);
        var folder = Path.Combine(Directory.CreateTempSubdirectory("orleanspbft-readme-").FullName, "cluster");
        var (port, httpPort) = Federation.FreePorts();
        var outputs = new List<string>();
        try
        {
            foreach (var command in commands)
            {
                // Built already, by the build of these tests.
                var run = command.Split('#')[0].Replace("cluster", folder, StringComparison.Ordinal).Replace("dotnet run", "dotnet run --no-build", StringComparison.Ordinal);
                outputs.Add(await ShellAsync(run, root, ("PBFT_PORT", $"{port}"), ("PBFT_HTTP_PORT", $"{httpPort}"), ("PBFT_NO_BUILD", "1")));
            }
        }
        finally
        {
            await ShellAsync($"PBFT_NO_BUILD=1 eng/federation stop {folder}", root);
            Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        }

        Assert.Equal(4, outputs[0].Split("runs, process").Length - 1);
        Assert.Contains("greeting = hello", outputs[1], StringComparison.Ordinal);
        Assert.Contains("greeting = again", outputs[3], StringComparison.Ordinal);
        Assert.Matches("agreed by replicas [1-3], [1-3]", outputs[3]);
        Assert.Contains("greeting = again", outputs[4], StringComparison.Ordinal);
        Assert.Equal(4, outputs[6].Split("runs, process").Length - 1);
        Assert.Contains("greeting = again", outputs[7], StringComparison.Ordinal);
        Assert.Contains("n = 4, f = 1, quorum = 3", outputs[8], StringComparison.Ordinal);
        Assert.DoesNotContain("Unreachable", outputs[8], StringComparison.Ordinal);
        Assert.Equal(4, outputs[9].Split("does not run").Length - 1);
    }

    /// <summary>Any f silos may be away; one that comes back executes what it missed, and the next may go.</summary>
    [Fact]
    public async Task One_silo_after_another_may_be_killed_and_started_again()
    {
        await using var federation = await Federation.StartAsync(without: 3);

        for (var replica = 3; replica >= 2; replica--)
        {
            Assert.Equal((0, true), Brief(await federation.AskAsync("incr", "kills"), $"kills = {4 - replica}"));
            await federation.StartAsync(replica);
            Assert.Equal((0, true), Brief(await federation.AskAsync("incr", $"up-{replica}"), "= 1"));
            await SettleAsync(federation);
            if (replica > 2) await federation.KillAsync(2);
        }

        var status = await StatusAsync(federation);
        Assert.Equal(4, status.GetProperty("replicas").GetArrayLength());
        Assert.Single(status.GetProperty("replicas").EnumerateArray().Select(static replica => replica.GetProperty("stateDigest").GetString()).Distinct());
    }

    /// <summary>A process that stands still breaks no connection: its peers find out, do without it, and take it back.</summary>
    [Fact]
    public async Task A_silo_that_stands_still_is_done_without_and_taken_back()
    {
        if (OperatingSystem.IsWindows()) return;
        await using var federation = await Federation.StartAsync();
        using var two = await federation.ApiOfAsync(2);
        Assert.Equal((0, true), Brief(await federation.AskAsync("put", "a", "1"), "a = 1"));

        federation[0].Signal(ProgramProcess.Stop);
        await UntilAsync(async () => !await IsSendingAsync(two, to: 0));
        Assert.Equal((0, true), Brief(await federation.AskAsync("put", "a", "2"), "a = 2"));
        federation[0].Signal(ProgramProcess.Continue);

        await UntilAsync(async () => await IsSendingAsync(two, to: 0));
        await SettleAsync(federation);
        Assert.Equal((0, true), Brief(await federation.AskAsync("get", "a"), "a = 2"));
    }

    [Fact]
    public async Task Every_silos_operator_has_an_api_and_others_do_not()
    {
        await using var federation = await Federation.StartAsync();
        using var one = await federation.ApiOfAsync(1);
        using var three = await federation.ApiOfAsync(3);

        using var put = await one.PutAsJsonAsync("/v1/kv/greeting", new { value = "hello" }, Cancelled);
        var get = await three.GetFromJsonAsync<JsonElement>("/v1/kv/greeting", Cancelled);
        var links = await three.GetFromJsonAsync<JsonElement>("/v1/links", Cancelled);
        using var other = await three.GetAsync("/v1/replicas/1", Cancelled);
        using var port = await three.GetAsync("/pbft/v1/client", Cancelled);

        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal("hello", get.GetProperty("value").GetString());
        Assert.Equal([0, 1, 2], links.EnumerateArray().Select(static link => link.GetProperty("peer").GetInt32()));
        Assert.Equal((404, 409), ((int)other.StatusCode, (int)port.StatusCode));
        var (exitCode, said) = await Federation.RunAsync("put", "a", "b", "--endpoint", one.BaseAddress!.ToString());
        Assert.Equal(1, exitCode);
        Assert.Contains("--config", said, StringComparison.Ordinal);
        await AssertStrangersSeeNothingAsync(federation);
    }

    [Fact]
    public async Task A_client_that_is_not_listed_is_told_what_to_do()
    {
        await using var federation = await Federation.StartAsync();
        await Federation.RunAsync("keys", "client", "--name", "bob", "--out", federation.PathOf("bob"), "--cluster", federation.PathOf("cluster.json"));

        var (exitCode, said) = await Federation.RunAsync("put", "a", "b", "--config", federation.PathOf("bob"), "--timeout", "50");

        Assert.Equal(1, exitCode);
        Assert.Contains("is not on its list", said, StringComparison.Ordinal);
        Assert.Contains("clients.txt", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_as_it_should_be_starts_nothing_and_says_why()
    {
        if (OperatingSystem.IsWindows()) return; // modes of files
        await using var federation = await Federation.StartAsync(without: [0, 1, 2, 3]);
        var folder = federation.PathOf("replica-0");
        File.SetUnixFileMode(Path.Combine(folder, "client.pem"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        File.Copy(federation.PathOf("replica-1", "certificate.pem"), federation.PathOf("replica-2", "certificate.pem"), overwrite: true);
        await File.WriteAllTextAsync(federation.PathOf("replica-3", "cluster.json"), "{}", Cancelled);

        await ExpectAsync("chmod 600", "--config", folder);
        await ExpectAsync("is of the key", "--config", federation.PathOf("replica-2"));
        await ExpectAsync("The cluster file is not as it should be", "--config", federation.PathOf("replica-3"));
        await ExpectAsync("is that of replica 1", "--replica", "0", "--config", federation.PathOf("replica-1"));
        await ExpectAsync("Pbft:LogWindow ('999') must be equal at all replicas", "--config", federation.PathOf("replica-1"), "--Pbft:LogWindow=999");
        await ExpectAsync("Links:Listen ('here')", "--config", federation.PathOf("replica-1"), "--Pbft:Links:Listen=here");
        await ExpectAsync("--replica is for a federation", "--replica", "0");
        await ExpectAsync("there is no such folder", "--config", federation.PathOf("nowhere"));
    }

    private static async Task ExpectAsync(string problem, params string[] arguments)
    {
        await using var silo = ProgramProcess.Start("Silo", arguments);
        Assert.Equal(2, await silo.ExitAsync());
        Assert.Contains(problem, silo.Errors, StringComparison.Ordinal);
    }

    private static async Task AssertStrangersSeeNothingAsync(Federation federation)
    {
        var line = await federation[1].LineAsync("  links");
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = static (_, shown, _, _) => shown is not null };
        using var stranger = new HttpClient(handler) { BaseAddress = new(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) };
        foreach (var path in (string[])["/v1/kv/greeting", "/v1/status", "/v1/links", "/v1/faults", "/v1/replicas/1/fault", "/openapi/v1.json", "/health/ready", "/v1/replicas/0"])
        {
            using var answer = await stranger.GetAsync(path, Cancelled);
            Assert.Equal(404, (int)answer.StatusCode);
        }

        using var status = await stranger.GetAsync("/v1/replicas/1", Cancelled);
        Assert.True(status.IsSuccessStatusCode);
    }

    private static async Task<bool> IsSendingAsync(HttpClient silo, int to)
    {
        var links = await silo.GetFromJsonAsync<JsonElement>("/v1/links", Cancelled);
        return links.EnumerateArray().Single(link => link.GetProperty("peer").GetInt32() == to).GetProperty("isSending").GetBoolean();
    }

    /// <summary>Waits until all replicas that answer have executed the same: f + 1 were enough for the answer, a new one follows when it follows.</summary>
    private static Task SettleAsync(Federation federation) => UntilAsync(async () =>
    {
        var replicas = (await StatusAsync(federation)).GetProperty("replicas").EnumerateArray().ToArray();
        var digests = replicas.Select(static replica => replica.GetProperty("stateDigest").GetString()!).Where(static digest => digest.Length > 0).ToArray();
        return digests.Distinct().Count() == 1 && digests.Length == replicas.Count(static replica => replica.GetProperty("state").GetString() == "Normal");
    });

    private static Task UntilAsync(Func<Task<bool>> holds)
    {
        return AskAsync().InTime();

        async Task AskAsync()
        {
            while (!await holds())
            {
                // Asked again at once: each question takes its time.
            }
        }
    }

    private static async Task<JsonElement> StatusAsync(Federation federation) =>
        JsonDocument.Parse((await federation.AskAsync("status", "--json")).Output).RootElement;

    private static (int ExitCode, bool Contains) Brief((int ExitCode, string Output) run, string part) =>
        (run.ExitCode, run.Output.Contains(part, StringComparison.Ordinal));

    private static string PathOf(string program) =>
        typeof(ProgramProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == program).Value!;

    private static async Task<string> ShellAsync(string command, string directory, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancelled);
        var errors = process.StandardError.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled).InTime();
        var said = await output.InTime() + await errors.InTime();
        Assert.True(process.ExitCode == 0, $"{command}\n{said}");
        return said;
    }
}
