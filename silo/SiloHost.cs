using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using OrleansPbft.Core;
using OrleansPbft.Grains;
using OrleansPbft.Journal;
using OrleansPbft.Links;
using OrleansPbft.Silo.Api;
using OrleansPbft.Silo.Dashboard;
using OrleansPbft.Silo.Federation;

namespace OrleansPbft.Silo;

/// <summary>Runs a silo from its start to its end, and says in one message what keeps it from starting.</summary>
internal static class SiloHost
{
    /// <summary>It ran, and was asked to stop.</summary>
    public const int Done = 0;

    /// <summary>It could not run, although the configuration is fine: the port is taken, say.</summary>
    public const int Failure = 1;

    /// <summary>The configuration is wrong.</summary>
    public const int BadConfiguration = 2;

    /// <summary>How many grain calls may wait at one grain; peers and clients keep within their own bounds far below it.</summary>
    private const int EnqueuedRequestsMax = 65_536;

    /// <summary>Runs a silo until it is asked to stop.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        if (arguments is ["--help"] or ["-h"] or ["-?"])
        {
            await output.WriteAsync(Help);
            return Done;
        }

        try
        {
            await using var app = Build(arguments);
            await app.StartAsync();
            await output.WriteAsync(Announcement.Of(app.Services, AddressesOf(app)));
            await output.FlushAsync();
            await app.WaitForShutdownAsync();
            return Done;
        }
        catch (OptionsValidationException refused)
        {
            var problems = refused.Failures.Distinct(StringComparer.Ordinal).ToArray();
            await errors.WriteLineAsync($"The configuration has {(problems.Length == 1 ? "a problem" : $"{problems.Length} problems")}; nothing was started:");
            foreach (var problem in problems) await errors.WriteLineAsync($"  * {problem}");
            return BadConfiguration;
        }
        catch (InvalidDataException unreadable) when (unreadable.InnerException is FormatException or JsonException)
        {
            await errors.WriteLineAsync($"The configuration can not be read; nothing was started: {unreadable.Message} {unreadable.GetBaseException().Message}");
            return BadConfiguration;
        }
        catch (JournalException refused)
        {
            await errors.WriteLineAsync(refused.Message);
            return Failure;
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            await errors.WriteLineAsync($"{taken.Message.TrimEnd('.')}. Is a silo running already? Stop it, or give this one another address: --Urls=http://127.0.0.1:5081");
            return Failure;
        }
    }

    private static string Help => $"""
        Runs a local cluster: all replicas of one PBFT cluster in this process, with its client port and HTTP API. With --config it
        runs the silo of one organisation of a federation: one replica, and links to its peers.

        usage: dotnet run --project silo [-- --SETTING=VALUE ...]
               dotnet run --project silo -- [--replica 2] --config cluster/replica-2 [--SETTING=VALUE ...]

          --config FOLDER    the organisation's keys and files, as 'client keys init' makes them
          --replica N        which replica it must be; the folder's key says it in any case

        Settings stand in appsettings.json, which documents itself by its names; docs/operations.md explains each. The environment
        (Pbft__Replicas=7) overrides the file, the command line overrides both; a folder's appsettings.json stands between file and environment:

          --Pbft:Replicas=7                     n: 4 to {ClusterSize.ReplicasMax}, or 1 for development
          --Pbft:Service=Counter                what is replicated
          --Urls=http://127.0.0.1:5081          where it listens
          --Pbft:Durability=Sync                keep what the replicas say, in --Pbft:JournalDirectory=FOLDER; a federation does, in its folder
          --Pbft:Telemetry:Console=true         one line for each traced span (in Development)
          --Pbft:Telemetry:SampleRatio=1        trace every request

        exit codes: 0 stopped when asked to, 1 could not run, 2 the configuration is wrong

        """;

    private static WebApplication Build(string[] arguments)
    {
        var found = new List<string>();
        var federation = FederationArguments.Parse(arguments, found);
        var folder = federation.Folder is null ? null : ReplicaFolder.Load(federation.Folder, federation.Replica, DateTimeOffset.UtcNow, found);
        if (federation.Folder is not null && folder is null) throw new OptionsValidationException(PbftOptions.Section, typeof(PbftOptions), found);

        // Not the current directory: the silo reads the appsettings.json that was built with it, from wherever it is started.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = federation.Settings, ContentRootPath = AppContext.BaseDirectory });
        folder?.Configure(builder.Configuration, found);
        var settings = new Settings(builder.Configuration, federation.Settings, found);
        builder.Logging.AddSimpleConsole(static options =>
        {
            options.SingleLine = true;
            options.TimestampFormat = "HH:mm:ss ";
        });
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical); // a failed start is told once, by us
        if (folder is not null) builder.AddFederation(folder, settings);
        builder.Services.AddSingleton(ShiftedClock.Of(settings.ClockOffset));
        builder.UseOrleans(silo => silo.UseOneProcess(EnqueuedRequestsMax).AddPbft());
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(settings.Http);
        builder.Services.AddSingleton<IClientGateway, ClientGateway>();
        builder.Services.AddPbftClientPort();
        builder.Services.AddOptions<ClientPortOptions>().Configure<IOptions<PbftOptions>>((port, pbft) =>
        {
            // A cluster that takes larger requests has a port that does, unless it is told otherwise.
            port.MessageBytesMax = Math.Max(port.MessageBytesMax, LinkFrame.BytesOf(pbft.Value.RequestBytesMax));
            settings.BindClientPort(port);
        });
        builder.AddHttpApi(settings.Http);
        builder.Services.AddSingleton(new RequestGuard(settings.Http, settings.ListensOnLoopback));

        var app = builder.Build();
        RequireValid(app.Services, settings);
        app.UseBrowserHeaders();
        if (folder is not null) app.UseFederation(folder);
        app.Use(app.Services.GetRequiredService<RequestGuard>().InvokeAsync);
        app.MapPbftClientPort();
        app.MapHttpApi();
        app.MapDashboard();
        return app;
    }

    /// <summary>Collects what everybody has to say against the configuration before anything starts.</summary>
    /// <exception cref="OptionsValidationException">Somebody has something to say.</exception>
    private static void RequireValid(IServiceProvider services, Settings settings)
    {
        var problems = new List<string>();
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
        }
        catch (OptionsValidationException refused)
        {
            problems.AddRange(refused.Failures);
        }
        catch (AggregateException all) when (all.InnerExceptions.All(static one => one is OptionsValidationException))
        {
            problems.AddRange(all.InnerExceptions.SelectMany(static one => ((OptionsValidationException)one).Failures));
        }

        problems.InsertRange(0, settings.Problems);
        if (problems.Count > 0) throw new OptionsValidationException(PbftOptions.Section, typeof(PbftOptions), problems);
    }

    private static string[] AddressesOf(WebApplication app) =>
        [.. app.Urls];

    /// <summary>This program's version.</summary>
    internal static string Version => typeof(SiloHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
