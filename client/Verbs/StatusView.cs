using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansPbft.Client;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>A status as a person and as a program reads it.</summary>
internal static class StatusView
{
    private const int DigestShown = 16;

    /// <summary>What a status says; a failure when replicas that executed the same have different states.</summary>
    public static VerbResult Describe(StatusDocument status, ConsoleIo io)
    {
        var json = JsonSerializer.SerializeToNode(status, StatusJson.Default.StatusDocument)!.AsObject();
        var contradiction = FindContradiction(status);
        if (contradiction is not null) json["error"] = new JsonObject { ["code"] = "diverged", ["message"] = contradiction };
        return new() { ExitCode = contradiction is null ? ExitCode.Done : ExitCode.Failure, Text = Screen.Draw(io, Parts(status, io)), Json = json };
    }

    /// <summary>The same as what is drawn, from top to bottom.</summary>
    public static IEnumerable<IRenderable> Parts(StatusDocument status, ConsoleIo io)
    {
        yield return Screen.Cell(
            $"cluster {status.ClusterId}: n = {status.N}, f = {status.F}, quorum = {status.Quorum}; {status.Service}; view {status.View}, primary {status.Primary}");
        yield return TableOf(status, io);
        foreach (var note in status.Replicas.SelectMany(NotesOf)) yield return Screen.Cell(note, Screen.Doubtful);
        if (FindContradiction(status) is { } contradiction) yield return Screen.Cell(contradiction, Screen.Bad);
    }

    private static Table TableOf(StatusDocument status, ConsoleIo io)
    {
        var table = Screen.Table(io, "replica", "state", "view", "executed", "stable", "state digest", "pending", "in flight", "sessions");
        foreach (var replica in status.Replicas)
        {
            var digest = replica.StateDigest;
            table.AddRow(
                Screen.Cell($"{replica.Id}{(replica.Id == status.Primary ? " primary" : "")}"),
                Screen.Cell(replica.Fault is { } fault ? $"{replica.State}, {fault}" : replica.State, ColourOf(replica)),
                Screen.Cell(replica.View, replica.View < status.View ? Screen.Doubtful : null),
                Screen.Cell(replica.LastExecuted),
                Screen.Cell(replica.StableCheckpoint),
                Screen.Cell(digest.Length > DigestShown ? digest[..DigestShown] : digest),
                Screen.Cell(replica.Pending),
                Screen.Cell(replica.InFlight),
                Screen.Cell(replica.Sessions));
        }

        return table;
    }

    private static Color ColourOf(ReplicaStatusDocument replica) => replica switch
    {
        { Fault: not null } => Screen.Bad,
        { State: "Normal" } => Screen.Good,
        { State: "ViewChanging" or "Behind" or "Learner" } => Screen.Doubtful,
        _ => Screen.Bad,
    };

    private static IEnumerable<string> NotesOf(ReplicaStatusDocument replica)
    {
        var how = replica.State == "OutOfSpace" ? "is silent" : "stopped for good";
        if (replica.HaltedBecause is { } cause) yield return $"replica {replica.Id} {how}: {cause}";
        if (replica.State == "Learner") yield return $"replica {replica.Id} lost its journal and is silent: {Outlook(replica)}";
        foreach (var evidence in replica.Evidence) yield return $"replica {replica.Id} accuses: {evidence}";
    }

    private static string Outlook(ReplicaStatusDocument learner) => learner.SilentUpTo is { } bound
        ? $"it takes part again once the cluster is stable beyond {bound}, and is at {learner.StableCheckpoint}"
        : "it asks the others what it may have said";

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
}
