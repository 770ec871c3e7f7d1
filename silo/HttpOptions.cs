namespace OrleansPbft.Silo;

/// <summary>The section <c>Pbft:Http</c>: what the silo's port and its HTTP API put up with.</summary>
public sealed class HttpOptions
{
    /// <summary>The section's name under <c>Pbft</c>.</summary>
    public const string Section = "Http";

    private const int TokenLengthMin = 16;
    private const int TokenLengthMax = 256;

    /// <summary>How many connections the port has at a time, those of clients included; one more is closed at once.</summary>
    /// <value>2048 by default; 16 to 65536.</value>
    public int ConnectionsMax { get; set; } = 2048;

    /// <summary>How many operations the HTTP API has under way; one more is answered 429.</summary>
    /// <value>512 by default; 1 to 65536.</value>
    public int OperationsInFlightMax { get; set; } = 512;

    /// <summary>How many sessions of the replicated service the HTTP API shares among its callers.</summary>
    /// <value>8 by default; 1 to 256, and no more than the cluster's SessionsMax.</value>
    public int Sessions { get; set; } = 8;

    /// <summary>How long a connection may take to send the head of a request.</summary>
    /// <value>10 s by default; above 0, at most 10 min.</value>
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be open without a request.</summary>
    /// <value>1 min by default; above 0, at most 1 h.</value>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many listen to <c>/v1/events</c> at a time; one more is answered 429.</summary>
    /// <value>16 by default; 1 to 1024.</value>
    public int EventStreamsMax { get; set; } = 16;

    /// <summary>What whoever changes something over HTTP must send, as <c>Authorization: Bearer</c> and this.</summary>
    /// <value>Empty by default: then nothing can be changed where the silo listens elsewhere than on loopback, and no token is wanted on loopback. Else 16 to 256
    /// visible characters of ASCII, wanted on loopback too.</value>
    public string Token { get; set; } = "";

    /// <summary>By which names beside loopback's own the silo is asked where it listens on loopback, as behind a proxy; with ';' between them.</summary>
    /// <value>Empty by default. Who asks by such a name needs the token.</value>
    public string Hosts { get; set; } = "";

    /// <summary><see cref="Hosts"/>, one by one.</summary>
    internal string[] HostNames => Hosts.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Every contradiction in these options, as sentences for the person who set them; empty when there is none.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        Require(ConnectionsMax is >= 16 and <= 65_536, $"Http:ConnectionsMax ({ConnectionsMax}) must be 16 to 65536.");
        Require(OperationsInFlightMax is >= 1 and <= 65_536, $"Http:OperationsInFlightMax ({OperationsInFlightMax}) must be 1 to 65536.");
        Require(Sessions is >= 1 and <= 256, $"Http:Sessions ({Sessions}) must be 1 to 256.");
        Require(EventStreamsMax is >= 1 and <= 1024, $"Http:EventStreamsMax ({EventStreamsMax}) must be 1 to 1024.");
        RequireTime(HeadersTimeout, nameof(HeadersTimeout), TimeSpan.FromMinutes(10));
        RequireTime(KeepAliveTimeout, nameof(KeepAliveTimeout), TimeSpan.FromHours(1));
        Require(
            Token.Length == 0 || (Token.Length is >= TokenLengthMin and <= TokenLengthMax && Token.All(static letter => letter is > ' ' and <= '~')),
            $"Http:Token must be {TokenLengthMin} to {TokenLengthMax} visible characters of ASCII without spaces, as: openssl rand -hex 24"); // never the token itself
        foreach (var host in HostNames)
        {
            Require(Uri.CheckHostName(host) != UriHostNameType.Unknown, $"Http:Hosts ('{host}') must be host names without port, with ';' between them.");
        }

        return problems;

        void RequireTime(TimeSpan value, string name, TimeSpan most) =>
            Require(value > TimeSpan.Zero && value <= most, $"Http:{name} ({value}) must be above 0, and at most {most}.");

        void Require(bool holds, string problem)
        {
            if (!holds) problems.Add(problem);
        }
    }
}
