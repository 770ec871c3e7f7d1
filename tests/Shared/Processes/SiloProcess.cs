using System.Net.Http.Json;
using System.Text.Json;
using OrleansPbft.Tests;

namespace OrleansPbft.EndToEnd;

/// <summary>A silo as a process of its own, on a port that is free.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly ProgramProcess _process;

    private SiloProcess(ProgramProcess process, Uri address)
    {
        _process = process;
        Address = address;
        Http = new() { BaseAddress = address, Timeout = SafetyNet.Limit };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public ProgramProcess Process => _process;

    public static async Task<SiloProcess> StartAsync(params string[] settings)
    {
        var process = ProgramProcess.Start("Silo", ["--Urls=http://127.0.0.1:0", .. settings]);
        await process.LineAsync("Serving.");
        var line = await process.LineAsync("  HTTP API");
        return new(process, new(new Uri(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]).GetLeftPart(UriPartial.Authority)));
    }

    /// <summary>Sends a request with a JSON body written by hand, and returns the status and the JSON that came back.</summary>
    public async Task<(int Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? json = null, string mediaType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null) request.Content = new StringContent(json, System.Text.Encoding.UTF8, mediaType);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    /// <summary>The status once all replicas have executed the same: two replies are enough for an answer, the others follow when they follow.</summary>
    public Task<JsonElement> SettledStatusAsync()
    {
        return AskUntilSettledAsync().InTime();

        async Task<JsonElement> AskUntilSettledAsync()
        {
            while (true)
            {
                var (_, status) = await SendAsync(HttpMethod.Get, "/v1/status");
                if (status.GetProperty("replicas").EnumerateArray().Select(static replica => replica.GetProperty("lastExecuted").GetInt64()).Distinct().Count() == 1) return status;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
    }
}
