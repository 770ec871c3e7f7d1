using System.CommandLine;
using System.Text.Json;
using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>events: what happened at the replicas of late in words, or as it happens.</summary>
internal static class EventsVerb
{
    private const int FollowedFirst = 10;

    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(1);

    public static Command Create(VerbContext context)
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on as things happen, until Ctrl-C." };
        var limit = new Option<int?>("--limit")
        {
            Description = $"How many of the past to show ({EventListDocument.LimitDefault}; {FollowedFirst} with --follow).",
            HelpName = "number",
        };
        var verb = new Command("events", "Show what happened: suspicions, view changes, accusations, transfers, faults.") { follow, limit };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var endpoint = context.Options.EndpointOf(parse);
            var isFollowing = parse.GetValue(follow);
            var most = parse.GetValue(limit) ?? (isFollowing ? FollowedFirst : EventListDocument.LimitDefault);
            if (most < 0 || (most == 0 && !isFollowing)) throw new UsageException("--limit must be 1 or more.");
            var past = most == 0 ? null : await EventListDocument.FetchAsync(endpoint, most, cancelled);
            if (!isFollowing) return Describe(past!);
            return await FollowAsync(context.Io, context.Options.IsJson(parse), endpoint, past ?? await EventListDocument.FetchAsync(endpoint, 1, cancelled), most, cancelled);
        });
        return verb;
    }

    /// <summary>Events, a line each.</summary>
    internal static VerbResult Describe(EventListDocument events)
    {
        var text = events.Items.Length == 0 ? "Nothing worth telling has happened." : string.Join('\n', events.Items.Select(LineOf));
        return VerbResult.Done(text, JsonSerializer.SerializeToNode(events, TraceJson.Default.EventListDocument)!.AsObject());
    }

    /// <summary>One event as a line.</summary>
    internal static string LineOf(EventDocument what) => VerbResult.Printable($"{what.At:HH:mm:ss.fff}  {what.Severity,-7}  {what.Text}");

    /// <summary>Writes what happens until it is stopped. A silo that goes away is waited for.</summary>
    private static async Task<VerbResult> FollowAsync(ConsoleIo io, bool asJson, Uri endpoint, EventListDocument past, int shown, CancellationToken cancelled)
    {
        foreach (var what in past.Items.TakeLast(shown)) await WriteAsync(what);
        var last = past.Items.LastOrDefault()?.Id ?? 0;
        while (!cancelled.IsCancellationRequested)
        {
            try
            {
                await foreach (var what in EventFeed.FollowAsync(endpoint, last, cancelled))
                {
                    await WriteAsync(what);
                    last = what.Id;
                }

                await io.Errors.WriteLineAsync("The silo ended the stream; waiting for it.");
            }
            catch (PbftConnectionException lost)
            {
                await io.Errors.WriteLineAsync($"{lost.Message} Waiting for it.");
            }
            catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
            {
                break;
            }

            await Task.Delay(ReconnectAfter, cancelled).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return VerbResult.Written(ExitCode.Done);

        Task WriteAsync(EventDocument what) => io.Output.WriteLineAsync(asJson ? JsonSerializer.Serialize(what, TraceJson.Default.EventDocument) : LineOf(what));
    }
}
