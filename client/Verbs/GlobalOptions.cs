using System.CommandLine;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>The options that every verb has.</summary>
internal sealed class GlobalOptions
{
    private ParseResult? _ofPrompt;

    public Option<bool> Json { get; } = new("--json") { Description = "Answer in JSON, errors included.", Recursive = true };

    public Option<string?> Endpoint { get; } = new("--endpoint")
    {
        Description = "The silo's address; otherwise Pbft:Client:Endpoint of the environment or of appsettings.json.",
        HelpName = "url",
        Recursive = true,
    };

    public Option<string?> Config { get; } = new("--config")
    {
        Description = "A client's folder of a federation, as 'keys init' makes it: all replicas are asked. Otherwise Pbft:Client:Config.",
        HelpName = "folder",
        Recursive = true,
    };

    public Option<double> Timeout { get; } = new("--timeout")
    {
        Description = "How many seconds to wait for f + 1 equal answers.",
        HelpName = "seconds",
        DefaultValueFactory = static _ => 10,
        Recursive = true,
    };

    /// <summary>Makes what the prompt was opened with hold for its lines, as far as they say nothing else.</summary>
    public void Inherit(ParseResult ofPrompt) => _ofPrompt = ofPrompt;

    /// <summary>Whether to answer in JSON.</summary>
    public bool IsJson(ParseResult parse) => GivenIn(parse, Json)?.GetValue(Json) ?? false;

    /// <summary>Whom to ask, as the command line or the settings say.</summary>
    /// <exception cref="UsageException">It says both, or what it says is no address.</exception>
    public ClusterTarget TargetOf(ParseResult parse)
    {
        var endpoint = GivenIn(parse, Endpoint)?.GetValue(Endpoint);
        var folder = GivenIn(parse, Config)?.GetValue(Config);
        if (endpoint is not null && folder is not null)
        {
            throw new UsageException("--endpoint asks one silo, --config all replicas of a federation: give one of them.");
        }

        if (endpoint is not null) return ClusterTarget.Silo(AddressOf(endpoint));
        if (folder is not null) return ClusterTarget.Federation(folder);
        var configured = ConsoleSession.ConfiguredTarget();
        return configured.Folder is not null ? ClusterTarget.Federation(configured.Folder) : ClusterTarget.Silo(AddressOf(configured.Endpoint));
    }

    /// <summary>The silo's address, for what only one silo can be asked.</summary>
    /// <exception cref="UsageException">It is no address, or a federation is named.</exception>
    public Uri EndpointOf(ParseResult parse) => TargetOf(parse).Endpoint
        ?? throw new UsageException("This is asked of one silo by its own operator: give --endpoint, as http://127.0.0.1:5080, and not --config.");

    /// <summary>How long a request may take.</summary>
    /// <exception cref="UsageException">It is no such time.</exception>
    public TimeSpan TimeoutOf(ParseResult parse) => (GivenIn(parse, Timeout) ?? parse).GetValue(Timeout) is var seconds and > 0 and <= 3600
        ? TimeSpan.FromSeconds(seconds)
        : throw new UsageException("--timeout must be above 0 and at most 3600 seconds.");

    /// <summary>The address in a text.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static Uri AddressOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? uri
            : throw new UsageException($"'{text}' is no address of a silo. Write it as http://127.0.0.1:5080.");

    /// <summary>The line or else the prompt's command line, whichever gives an option; null when neither does.</summary>
    private ParseResult? GivenIn(ParseResult parse, Option option) =>
        new[] { parse, _ofPrompt }.FirstOrDefault(one => one?.GetResult(option) is { Implicit: false, Errors: var errors } && !errors.Any());
}
