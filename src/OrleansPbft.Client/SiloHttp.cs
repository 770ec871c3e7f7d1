namespace OrleansPbft.Client;

/// <summary>Reads the documents that a silo serves over HTTP.</summary>
internal static class SiloHttp
{
    private const int DocumentBytesMax = 1 << 20;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>The body that a silo answers with.</summary>
    /// <exception cref="PbftConnectionException">Nobody answers there, or no silo; in one sentence, with what to do.</exception>
    public static async Task<byte[]> GetAsync(Uri endpoint, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        using var handler = new HttpClientHandler { UseProxy = !endpoint.IsLoopback };
        using var http = new HttpClient(handler) { Timeout = Timeout, MaxResponseContentBufferSize = DocumentBytesMax };
        try
        {
            using var response = await http.GetAsync(new Uri(endpoint, path), cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new PbftConnectionException(
                    $"{endpoint} answers {(int)response.StatusCode} to GET {path}: it is not a silo of OrleansPbft. Give the silo's address.", false);
            }

            return await response.Content.ReadAsByteArrayAsync(cancellationToken);
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

    /// <summary>What to say when nobody listens at an address.</summary>
    public static string NobodyAt(Uri endpoint) =>
        $"No cluster answers at {endpoint.GetLeftPart(UriPartial.Authority)}. Start one: dotnet run --project silo";
}
