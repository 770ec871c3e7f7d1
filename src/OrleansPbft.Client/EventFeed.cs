using System.Globalization;
using System.Runtime.CompilerServices;

namespace OrleansPbft.Client;

/// <summary>Follows what happens at a silo's replicas, as <c>GET /v1/events</c> tells it.</summary>
public static class EventFeed
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Events after one, as they happen, until the silo ends the stream or the connection is lost.</summary>
    /// <param name="endpoint">The silo's address, such as http://127.0.0.1:5080.</param>
    /// <param name="after">The number of the last event that is known; 0 for all that are kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PbftRefusedException">The silo says no, and why: it records nothing, or too many listen.</exception>
    /// <exception cref="PbftConnectionException">Nobody answers there, or not with events; or what was said is cut off in the middle.</exception>
    public static async IAsyncEnumerable<EventDocument> FollowAsync(Uri endpoint, long after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var path = string.Create(CultureInfo.InvariantCulture, $"{EventListDocument.Path}?after={after}");
        using var handler = new SocketsHttpHandler { UseProxy = !endpoint.IsLoopback, ConnectTimeout = ConnectTimeout };
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var response = await OpenAsync(http, endpoint, path, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var reader = new EventStreamReader(stream);
        while (await NextAsync(reader, endpoint, cancellationToken) is { } next)
        {
            if (next.Name == "protocol") yield return SiloHttp.Read(next.Data, TraceJson.Default.EventDocument, endpoint, path);
        }
    }

    private static async Task<HttpResponseMessage> OpenAsync(HttpClient http, Uri endpoint, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint, path)) { Headers = { Accept = { new("text/event-stream") } } };
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == "text/event-stream") return response;
            using (response) throw await SiloHttp.RefusalAsync(response, endpoint, path, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new PbftConnectionException(SiloHttp.NobodyAt(endpoint), false, e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PbftConnectionException($"{endpoint} did not answer within {ConnectTimeout.TotalSeconds:0} s. Is it the silo's address?", false, e);
        }
    }

    private static async ValueTask<(string Name, byte[] Data)?> NextAsync(EventStreamReader reader, Uri endpoint, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new PbftConnectionException($"{endpoint} says more in one event than a silo does.", false, e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new PbftConnectionException($"The connection to {endpoint.GetLeftPart(UriPartial.Authority)} was lost.", false, e);
        }
    }
}
