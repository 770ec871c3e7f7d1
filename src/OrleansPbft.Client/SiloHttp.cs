using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansPbft.Client;

/// <summary>Reads the documents that a silo serves over HTTP, and asks it for what its operator may ask.</summary>
internal static class SiloHttp
{
    private const int DocumentBytesMax = 4 << 20; // the diagram of a request among 64 replicas takes a quarter of it

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>The body that a silo answers with.</summary>
    /// <exception cref="PbftConnectionException">Nobody answers there, or no silo; in one sentence, with what to do.</exception>
    public static async Task<byte[]> GetAsync(Uri endpoint, string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, endpoint, path, null, null, cancellationToken);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsByteArrayAsync(cancellationToken)
            : throw new PbftConnectionException(
                $"{endpoint} answers {(int)response.StatusCode} to GET {path}: it is not a silo of OrleansPbft. Give the silo's address.", false);
    }

    /// <summary>The body that a silo answers with, to whatever it is asked.</summary>
    /// <param name="method">How it is asked.</param>
    /// <param name="endpoint">The silo's address.</param>
    /// <param name="path">What it is asked.</param>
    /// <param name="json">The body that is sent; null for none.</param>
    /// <param name="token">The silo's token, for what changes something; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PbftRefusedException">The silo says no, and why.</exception>
    /// <exception cref="PbftConnectionException">Nobody answers there, or no silo; in one sentence, with what to do.</exception>
    public static async Task<byte[]> AskAsync(HttpMethod method, Uri endpoint, string path, byte[]? json, string? token, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, endpoint, path, json, token, cancellationToken);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsByteArrayAsync(cancellationToken)
            : throw await RefusalAsync(response, endpoint, path, cancellationToken);
    }

    /// <summary>What to throw when a silo says no, or no silo does.</summary>
    public static async Task<PbftException> RefusalAsync(HttpResponseMessage response, Uri endpoint, string path, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        return await ReadProblemAsync(response, cancellationToken) is { Code: { } code, Detail: { } detail }
            ? new PbftRefusedException(status, code, detail)
            : new PbftConnectionException(
                $"{endpoint} answers {status} to {response.RequestMessage?.Method} {path}: it is not a silo of OrleansPbft, or an older one. Give the silo's address.", false);
    }

    /// <summary>The same, for what needs no token.</summary>
    public static Task<byte[]> AskAsync(HttpMethod method, Uri endpoint, string path, byte[]? json, CancellationToken cancellationToken) =>
        AskAsync(method, endpoint, path, json, null, cancellationToken);

    private static async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri endpoint, string path, byte[]? json, string? token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        using var handler = new HttpClientHandler { UseProxy = !endpoint.IsLoopback };
        using var http = new HttpClient(handler) { Timeout = Timeout, MaxResponseContentBufferSize = DocumentBytesMax };
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(endpoint, path));
            if (token is not null) request.Headers.Authorization = new("Bearer", token);
            if (json is not null) request.Content = new ByteArrayContent(json) { Headers = { ContentType = new("application/json") } };
            return await http.SendAsync(request, cancellationToken); // with its content, which is bounded
        }
        catch (HttpRequestException e)
        {
            throw new PbftConnectionException(NobodyAt(endpoint), false, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PbftConnectionException($"{endpoint} did not answer within {Timeout.TotalSeconds:0} s. Is it the silo's address?", false, e);
        }
    }

    /// <summary>The document in a body.</summary>
    /// <exception cref="PbftConnectionException">It is not one.</exception>
    public static T Read<T>(byte[] body, JsonTypeInfo<T> type, Uri endpoint, string path)
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new PbftConnectionException($"What {endpoint} answers to {path} is not what a silo answers: {e.Message}", false, e);
        }
    }

    private static async Task<ProblemDocument?> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > DocumentBytesMax) return null;
        try
        {
            return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), ProblemJson.Default.ProblemDocument);
        }
        catch (JsonException)
        {
            return null; // no silo answers so: its caller says it
        }
    }

    /// <summary>What to say when nobody listens at an address.</summary>
    public static string NobodyAt(Uri endpoint) =>
        $"No cluster answers at {endpoint.GetLeftPart(UriPartial.Authority)}. Start one: dotnet run --project silo";
}
