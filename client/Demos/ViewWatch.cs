using System.Collections.Immutable;
using System.Text.Json.Nodes;
using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>Asks again and again where the replicas stand, and keeps every change of a replica's state or view.</summary>
internal sealed class ViewWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _over = new();
    private readonly Uri _endpoint;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly Task _watching;
    private ImmutableArray<Change> _changes = [];

    private ViewWatch(Uri endpoint, StatusDocument from, TimeProvider time)
    {
        _endpoint = endpoint;
        _time = time;
        _began = time.GetTimestamp();
        _watching = WatchAsync(from);
    }

    /// <summary>One replica was seen in another state, or in another view.</summary>
    public sealed record Change(TimeSpan At, int Replica, string State, long View, bool IsSilent);

    /// <summary>What changed so far, oldest first.</summary>
    public ImmutableArray<Change> Changes => _changes;

    public static ViewWatch Start(Uri endpoint, StatusDocument from, TimeProvider time) => new(endpoint, from, time);

    /// <summary>The changes, a line each.</summary>
    public static string Describe(IReadOnlyCollection<Change> changes) => changes.Count == 0 ? "nothing that could be seen" : string.Join('\n', changes.Select(static change =>
        $"{Wording.Of(change.At),9}   replica {change.Replica}   {(change.IsSilent ? "silent" : ""),-6}   "
        + (change.State == "ViewChanging" ? $"left its view and waits for the NEW-VIEW of view {change.View}" : $"is {change.State} in view {change.View}")));

    public static JsonObject ToJson(IEnumerable<Change> changes) => new()
    {
        ["kind"] = "views",
        ["changes"] = new JsonArray([.. changes.Select(static change => (JsonNode)new JsonObject
        {
            ["milliseconds"] = Wording.Milliseconds(change.At),
            ["replica"] = change.Replica,
            ["state"] = change.State,
            ["view"] = change.View,
        })]),
    };

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _watching;
        _over.Dispose();
    }

    private async Task WatchAsync(StatusDocument last)
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                var now = await StatusDocument.FetchAsync(_endpoint, _over.Token);
                foreach (var (before, after) in last.Replicas.Zip(now.Replicas))
                {
                    if (before.State == after.State && before.View == after.View) continue;
                    _changes = _changes.Add(new(_time.GetElapsedTime(_began), after.Id, after.State, after.View, after.Fault is not null));
                }

                last = now;
                await Task.Delay(Interval, _time, _over.Token);
            }
            catch (OperationCanceledException)
            {
                return; // it is over
            }
            catch (PbftException)
            {
                return; // the silo is gone: whoever asks it for an answer says so
            }
        }
    }
}
