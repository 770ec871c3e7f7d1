using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace OrleansPbft.Silo.Api;

/// <summary>Decides who may change something over HTTP, and keeps other sites' pages in the operator's browser out.</summary>
/// <remarks>The silo signs for its callers, so whoever may call it may do what its client key may. On loopback that is whoever is on the machine, but
/// for scripts of web pages: these say where they come from, in headers that no script can set. Elsewhere it is whoever knows the token.</remarks>
internal sealed class RequestGuard
{
    private const string Scheme = "Bearer ";

    private readonly bool _listensOnLoopback;
    private readonly string[] _hosts;
    private readonly byte[]? _tokenHash;

    /// <summary>A guard.</summary>
    /// <param name="http">The token, and the names the silo is known by.</param>
    /// <param name="listensOnLoopback">Whether nobody beyond this machine reaches the API.</param>
    public RequestGuard(HttpOptions http, bool listensOnLoopback)
    {
        _listensOnLoopback = listensOnLoopback;
        _hosts = http.HostNames;
        _tokenHash = http.Token.Length == 0 ? null : HashOf(http.Token);
    }

    /// <summary>Lets a request through, or answers it with the reason why not.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (request.IsHttps) return next(context); // links and clients of a federation prove who they are; there is nothing else for them there
        var isLocalName = IsLoopback(request.Host.Host);
        if (_listensOnLoopback && !isLocalName && !_hosts.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase))
        {
            // A name of somebody else's that leads to this machine: how a page of theirs makes its script "same origin" with the silo.
            return ProblemMapper.WriteAsync(
                context,
                StatusCodes.Status421MisdirectedRequest,
                "wrong-host",
                "This silo listens on loopback and is asked by a name that is not loopback's. Use http://127.0.0.1 or http://localhost, or put the name into Pbft:Http:Hosts.");
        }

        var isUpgrade = HttpMethods.IsConnect(request.Method) || (HttpMethods.IsGet(request.Method) && request.Headers.Upgrade.Count > 0);
        var isWrite = !isUpgrade && !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method);
        if ((isWrite || isUpgrade) && IsOfAnotherSite(request))
        {
            return ProblemMapper.WriteAsync(
                context, StatusCodes.Status403Forbidden, "cross-site", "A page of another site asked for this. Only the silo's own page, and programs, may change something.");
        }

        // Clients at the client port sign what they want: they need no token.
        return isWrite && (_tokenHash is not null || !_listensOnLoopback || !isLocalName) ? RequireTokenAsync(context, next) : next(context);
    }

    private Task RequireTokenAsync(HttpContext context, RequestDelegate next)
    {
        if (_tokenHash is null)
        {
            return ProblemMapper.WriteAsync(
                context,
                StatusCodes.Status403Forbidden,
                "no-token",
                "This silo is reached from elsewhere than its machine and has no token, so nothing can be changed over HTTP. Set Pbft:Http:Token, or have it listen on loopback.");
        }

        var header = context.Request.Headers.Authorization.ToString();
        var isGiven = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
        if (isGiven && CryptographicOperations.FixedTimeEquals(HashOf(header[Scheme.Length..].Trim()), _tokenHash)) return next(context);
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"OrleansPbft\"";
        return ProblemMapper.WriteAsync(
            context,
            StatusCodes.Status401Unauthorized,
            isGiven ? "token-wrong" : "token-required",
            isGiven ? "This is not the silo's token." : "To change something here, send the silo's token (Pbft:Http:Token): Authorization: Bearer and the token.");
    }

    /// <summary>Whether a browser says that a page of another origin made this request. Programs that are no browsers say nothing.</summary>
    private static bool IsOfAnotherSite(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0 && site != "same-origin" && site != "none") return true;
        var origin = request.Headers.Origin;
        return origin.Count > 0
            && !(Uri.TryCreate(origin.ToString(), UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsLoopback(string host)
    {
        var name = host.TrimEnd('.');
        return name.Length == 0 // no browser leaves it out
            || name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
    }

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token)); // of equal length, whatever is sent
}
