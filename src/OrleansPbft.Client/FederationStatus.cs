using System.Text.Json;
using OrleansPbft.Client.WebSockets;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Client;

/// <summary>Asks every replica of a federation where it stands, over TLS that only its key opens. What each says is its own account.</summary>
internal static class FederationStatus
{
    /// <summary>The state of a replica that does not answer.</summary>
    public const string Unreachable = "Unreachable";

    private const int DocumentBytesMax = 1 << 20;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public static async Task<StatusDocument> FetchAsync(ClusterFile file, TimeProvider time, CancellationToken cancellationToken)
    {
        var size = file.Membership.Cluster;
        var answers = await Task.WhenAll(Enumerable.Range(0, size.Replicas).Select(i => AskAsync(file, new(i), time, cancellationToken)));
        if (answers.All(static answer => answer.Status is null))
        {
            throw new PbftConnectionException($"No replica answers. {string.Join(' ', answers.Select(static answer => answer.Problem))}", mayHaveExecuted: false);
        }

        // f + 1 replicas have reached it, so a correct one has; where fewer answer, it is what all of those have.
        var views = answers.Where(static answer => answer.Status is not null).Select(static answer => answer.Status!.View).OrderDescending().ToArray();
        var view = new View(views[Math.Min(size.MaxFaulty, views.Length - 1)]);
        return new()
        {
            ClusterId = file.Membership.Id.ToString(),
            N = size.Replicas,
            F = size.MaxFaulty,
            Quorum = size.Quorum,
            Service = file.Service,
            View = view.Number,
            Primary = size.PrimaryOf(view).Index,
            Replicas = [.. answers.Select(static (answer, i) => answer.Status ?? Missing(i))],
        };
    }

    private static async Task<(ReplicaStatusDocument? Status, string? Problem)> AskAsync(
        ClusterFile file, ReplicaId replica, TimeProvider time, CancellationToken cancellationToken)
    {
        file.Membership.TryGetKey(replica, out var pin);
        var name = $"replica {replica.Index} at {file.Addresses[replica.Index]}";
        var tls = new PinnedTls(pin, name, time);
        using var handler = tls.CreateHandler(Timeout);
        using var http = new HttpClient(handler) { Timeout = Timeout, MaxResponseContentBufferSize = DocumentBytesMax };
        try
        {
            var json = await http.GetByteArrayAsync(new Uri($"https://{file.Addresses[replica.Index]}/v1/replicas/{replica.Index}"), cancellationToken);
            var status = JsonSerializer.Deserialize(json, StatusJson.Default.ReplicaStatusDocument);
            return status is not null && status.Id == replica.Index && status.View is >= 0 and <= WireLimits.NumberMax
                ? (status, null)
                : (null, $"{name} answers for another replica.");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            return (null, tls.Problem ?? $"{name} can not be reached: {e.GetBaseException().Message.TrimEnd('.')}.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"{name} did not answer within {Timeout.TotalSeconds:0} s.");
        }
    }

    private static ReplicaStatusDocument Missing(int id) =>
        new() { Id = id, State = Unreachable, View = 0, LastExecuted = 0, StableCheckpoint = 0, StateDigest = "", Pending = 0, InFlight = 0 };
}
