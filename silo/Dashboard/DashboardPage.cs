using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace OrleansPbft.Silo.Dashboard;

/// <summary>The page at /: a few files that lie in this program, and what browsers are told to allow them.</summary>
internal static class DashboardPage
{
    /// <summary>Scripts, styles and answers of this silo, and nothing of anybody else's; nor may anybody else show it in a frame.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string ResourcePrefix = "wwwroot/";
    private const string IndexName = "index.html";

    /// <summary>Says with every answer what a browser may do with it. For the API's answers too: they are data, and no page of another site may read them as a script.</summary>
    public static void UseBrowserHeaders(this WebApplication app) => app.Use(static (context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return next(context);
    });

    /// <summary>Serves the page's files, each under its name, and index.html at /.</summary>
    public static void MapDashboard(this IEndpointRouteBuilder endpoints)
    {
        var assembly = typeof(DashboardPage).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(ResourcePrefix, StringComparison.Ordinal)) continue;
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            var name = resource[ResourcePrefix.Length..];
            var type = ContentTypeOf(name);
            var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"");
            endpoints.MapMethods(name == IndexName ? "/" : $"/{name}", [HttpMethods.Get, HttpMethods.Head], (HttpContext context) =>
            {
                context.Response.Headers.CacheControl = "no-cache"; // kept, and asked for each time: another version of the silo has another page
                return TypedResults.Bytes(content, type, entityTag: tag);
            }).ExcludeFromDescription();
        }
    }

    private static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"The page has a file of the kind '{other}', which has no content type yet."),
    };
}
