using System.CommandLine;
using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>What verbs work with: the session, the console, and one way to run and to end.</summary>
internal sealed class VerbContext(ConsoleSession session, ConsoleIo io)
{
    public GlobalOptions Options { get; } = new();

    public ConsoleIo Io => io;

    /// <summary>What was come across so far.</summary>
    public SeenNames Seen { get; } = new();

    /// <summary>The client of the cluster that the command line names.</summary>
    public async Task<PbftClient> ConnectAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var client = await session.ConnectAsync(Options.TargetOf(parse), Options.TimeoutOf(parse), cancellationToken);
        Seen.Replicas = client.Cluster.Cluster.Replicas;
        return client;
    }

    /// <summary>The same as a key-value store.</summary>
    public async Task<KeyValueClient> ConnectToStoreAsync(ParseResult parse, CancellationToken cancellationToken) =>
        new(await ConnectAsync(parse, cancellationToken));

    /// <summary>How often a verb that watches asks.</summary>
    public static Option<double> IntervalOption(string description) =>
        new("--interval") { Description = description, HelpName = "seconds", DefaultValueFactory = static _ => 1 };

    /// <summary>The same as it was given.</summary>
    /// <exception cref="UsageException">It is no such time.</exception>
    public static TimeSpan IntervalOf(ParseResult parse, Option<double> interval) => parse.GetValue(interval) is var seconds and >= 0.1 and <= 3600
        ? TimeSpan.FromSeconds(seconds)
        : throw new UsageException("--interval must be 0.1 to 3600 seconds.");

    /// <summary>Makes a verb run: whatever it ends in is written in one form, and becomes the exit code.</summary>
    public void SetAction(Command verb, Func<ParseResult, CancellationToken, Task<VerbResult>> run) =>
        verb.SetAction(async (parse, cancellationToken) =>
        {
            var result = await ResultOf(run, parse, cancellationToken);
            await result.WriteAsync(io, Options.IsJson(parse));
            return result.ExitCode;
        });

    private async Task<VerbResult> ResultOf(
        Func<ParseResult, CancellationToken, Task<VerbResult>> run, ParseResult parse, CancellationToken cancellationToken)
    {
        try
        {
            return await run(parse, cancellationToken);
        }
        catch (Exception failure)
        {
            if (failure is PbftConnectionException) await session.DisconnectAsync(); // the next verb finds out afresh who answers
            if (Failures.Describe(failure) is { } result) return result;
            throw;
        }
    }
}
