using OrleansPbft.Cryptography;
using OrleansPbft.Grains;
using OrleansPbft.Links;

namespace OrleansPbft.Silo;

/// <summary>What the host itself reads of the configuration, and every problem it found there. The grains and the client port check
/// their own parts.</summary>
internal sealed class Settings
{
    private const string UrlsKey = "Urls";
    private const string LogLevelKey = "LogLevel";
    private const string ClientPortSection = "ClientPort";
    private const string LinksSection = "Links";

    /// <summary>What may follow the dashes of an argument: settings by the first part of their names.</summary>
    private static readonly string[] KnownRoots = [PbftOptions.Section, UrlsKey, "Logging", "Environment"];

    private readonly IConfiguration _configuration;

    /// <summary>Reads the configuration.</summary>
    /// <param name="configuration">The file, the environment and the command line together.</param>
    /// <param name="arguments">The command line, for what the configuration silently ignores of it.</param>
    /// <param name="problems">Problems that were found before.</param>
    public Settings(IConfiguration configuration, IReadOnlyList<string> arguments, IEnumerable<string> problems)
    {
        _configuration = configuration;
        Problems.AddRange(problems);
        CheckArguments(arguments);
        CheckLogLevels(configuration.GetSection("Logging"));
        ReadUrls(configuration[UrlsKey]);
        StrictConfiguration.Bind(Section(HttpOptions.Section), Http, Problems);
        Problems.AddRange(Http.Problems());
        var port = new ClientPortOptions();
        StrictConfiguration.Bind(Section(ClientPortSection), port, Problems);
        Problems.AddRange(port.Problems());
        var links = new ReplicaLinkOptions();
        StrictConfiguration.Bind(Section(LinksSection), links, Problems);
        Problems.AddRange(links.Problems());
        var faults = new FaultInjectionOptions();
        StrictConfiguration.Bind(Section(nameof(PbftOptions.FaultInjection)), faults, []); // its problems are the grains' to find
        ClockOffset = faults.ClockOffset;
        if (links.Listen.Length == 0) return;
        if (ReplicaAddress.TryParse(links.Listen, out var listen)) Listen = listen;
        else Problems.Add($"Links:Listen ('{links.Listen}') must be an address and a port, as 0.0.0.0:7000.");
    }

    /// <summary>Every problem, as sentences for the person who wrote the configuration.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Where the silo listens.</summary>
    public List<Uri> Urls { get; } = [];

    /// <summary>Whether nobody beyond this machine reaches the HTTP API.</summary>
    public bool ListensOnLoopback => Urls.TrueForAll(static url => url.IsLoopback);

    /// <summary>Where the silo of a federation listens for others; null for its address in the cluster file.</summary>
    public ReplicaAddress? Listen { get; }

    /// <summary>How far the clock is off on purpose.</summary>
    public TimeSpan ClockOffset { get; }

    /// <summary>The section <c>Pbft:Http</c>.</summary>
    public HttpOptions Http { get; } = new();

    /// <summary>Sets what the section <c>Pbft:ClientPort</c> names; its problems have been noted.</summary>
    public void BindClientPort(ClientPortOptions port) => StrictConfiguration.Bind(Section(ClientPortSection), port, []);

    /// <summary>Sets what the section <c>Pbft:Links</c> names; its problems have been noted.</summary>
    public void BindLinks(ReplicaLinkOptions links) => StrictConfiguration.Bind(Section(LinksSection), links, []);

    private IConfigurationSection Section(string name) => _configuration.GetSection($"{PbftOptions.Section}:{name}");

    private void CheckArguments(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
            {
                Problems.Add($"'{argument}' is no setting. Settings are given as --Pbft:Replicas=7; --help names more.");
                continue;
            }

            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? argument[2..] : argument[2..equals];
            var root = key.Split(':')[0];
            if (!KnownRoots.Contains(root, StringComparer.OrdinalIgnoreCase))
            {
                Problems.Add($"--{key} is no setting of this program. Did you mean --{PbftOptions.Section}:{key}? --help names more.");
            }

            if (equals >= 0) continue;
            if (i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal)) i++;
            else Problems.Add($"--{key} has no value. Write --{key}=value.");
        }
    }

    private void CheckLogLevels(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren())
        {
            if (!string.Equals(section.Key, LogLevelKey, StringComparison.OrdinalIgnoreCase))
            {
                CheckLogLevels(child);
            }
            else if (!Enum.TryParse<LogLevel>(child.Value, ignoreCase: true, out _))
            {
                Problems.Add($"{child.Path} ('{child.Value}') must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
                child.Value = nameof(LogLevel.Information); // the logger would throw before the other problems are found
            }
        }
    }

    private void ReadUrls(string? text)
    {
        var urls = (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (urls.Length == 0) Problems.Add($"{UrlsKey} is empty: it must say where the silo listens, as http://127.0.0.1:5080.");
        foreach (var url in urls)
        {
            var isAddress = Uri.TryCreate(url, UriKind.Absolute, out var uri)
                && uri.Scheme == Uri.UriSchemeHttp && uri.AbsolutePath == "/" && uri.Query.Length == 0;
            if (isAddress) Urls.Add(uri!);
            else Problems.Add($"{UrlsKey} ('{url}') must be an address as http://127.0.0.1:5080, or several with ';' between them.");
        }
    }
}
