using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansPbft.Client;
using Spectre.Console;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>status: where every replica stands, by its own account.</summary>
internal static class StatusVerb
{
    private const int DigestShown = 16;

    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    public static Command Create(VerbContext context)
    {
        var watch = new Option<bool>("--watch") { Description = "Ask again every second, until Ctrl-C." };
        var verb = new Command("status", "Show where every replica stands.") { watch };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var target = context.Options.TargetOf(parse);
            while (parse.GetValue(watch) && !cancelled.IsCancellationRequested)
            {
                var now = await target.FetchStatusAsync(cancelled);
                await Describe(now).WriteAsync(context.Io, context.Options.IsJson(parse));
                await Task.Delay(WatchInterval, cancelled).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            return Describe(await target.FetchStatusAsync(CancellationToken.None));
        });
        return verb;
    }

    /// <summary>What a status says; a failure when replicas that executed the same have different states.</summary>
    internal static VerbResult Describe(StatusDocument status)
    {
        var json = JsonSerializer.SerializeToNode(status, StatusJson.Default.StatusDocument)!.AsObject();
        var contradiction = FindContradiction(status);
        if (contradiction is not null) json["error"] = new JsonObject { ["code"] = "diverged", ["message"] = contradiction };
        var text = Draw(status) + (contradiction is null ? "" : $"\n{contradiction}");
        return new() { ExitCode = contradiction is null ? ExitCode.Done : ExitCode.Failure, Text = text, Json = json };
    }

    private static string? FindContradiction(StatusDocument status)
    {
        var diverged = status.Replicas
            .Where(static replica => replica.StateDigest.Length > 0)
            .GroupBy(static replica => replica.LastExecuted)
            .FirstOrDefault(static group => group.Select(static replica => replica.StateDigest).Distinct(StringComparer.Ordinal).Count() > 1);
        return diverged is null
            ? null
            : $"Replicas {string.Join(", ", diverged.Select(static replica => replica.Id))} have executed up to {diverged.Key}, and have different states.";
    }

    private static string Draw(StatusDocument status)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        writer.WriteLine(
            $"cluster {status.ClusterId}: n = {status.N}, f = {status.F}, quorum = {status.Quorum}; "
            + $"{VerbResult.Printable(status.Service)}; view {status.View}, primary {status.Primary}");
        var table = new Table { Border = TableBorder.Simple }
            .AddColumns("replica", "state", "view", "executed", "stable", "state digest", "pending", "in flight", "sessions");
        foreach (var replica in status.Replicas)
        {
            var digest = replica.StateDigest;
            table.AddRow(
                Cell($"{replica.Id}{(replica.Id == status.Primary ? " primary" : "")}"),
                Cell(replica.Fault is { } fault ? $"{replica.State}, {fault}" : replica.State),
                Cell(replica.View),
                Cell(replica.LastExecuted),
                Cell(replica.StableCheckpoint),
                Cell(digest.Length > DigestShown ? digest[..DigestShown] : digest),
                Cell(replica.Pending),
                Cell(replica.InFlight),
                Cell(replica.Sessions));
        }

        var console = AnsiConsole.Create(new() { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = 160;
        console.Write(table);
        foreach (var replica in status.Replicas)
        {
            var how = replica.State == "OutOfSpace" ? "is silent" : "stopped for good";
            if (replica.HaltedBecause is { } cause) writer.WriteLine($"replica {replica.Id} {how}: {VerbResult.Printable(cause)}");
            if (replica.State == "Learner") writer.WriteLine($"replica {replica.Id} lost its journal and is silent: {Outlook(replica)}");
            foreach (var evidence in replica.Evidence) writer.WriteLine($"replica {replica.Id} accuses: {VerbResult.Printable(evidence)}");
        }

        return writer.ToString().TrimEnd();

        static string Outlook(ReplicaStatusDocument learner) => learner.SilentUpTo is { } bound
            ? $"it takes part again once the cluster is stable beyond {bound}, and is at {learner.StableCheckpoint}"
            : "it asks the others what it may have said";

        static Text Cell(object value) => new(VerbResult.Printable(Convert.ToString(value, CultureInfo.InvariantCulture)!));
    }
}
