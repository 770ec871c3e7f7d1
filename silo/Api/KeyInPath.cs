using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansPbft.Silo.Api;

/// <summary>Reads the key of an entry from the request's path as it was sent.</summary>
/// <remarks>The framework leaves <c>%2F</c>, and whatever is not UTF-8, encoded in what it hands over, so that different keys would look
/// the same.</remarks>
internal static class KeyInPath
{
    private const string Prefix = "/v1/kv/";

    /// <summary>The key.</summary>
    /// <param name="context">The request.</param>
    /// <param name="routed">The framework's idea of it, for servers that do not keep the path as it was sent.</param>
    /// <exception cref="BadHttpRequestException">It is no UTF-8 in percent-encoding.</exception>
    public static string Read(HttpContext context, string routed)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        return string.IsNullOrEmpty(target) ? routed : Decode(target);
    }

    /// <summary>The key in a request's target, such as <c>/v1/kv/a%2Fb/increment?x=1</c>.</summary>
    internal static string Decode(string target)
    {
        var start = target.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase);
        if (start < 0) throw new BadHttpRequestException($"Write the path plainly: {Prefix} and the key.");
        var encoded = target.AsSpan(start + Prefix.Length);
        var end = encoded.IndexOfAny("/?#");
        if (end >= 0) encoded = encoded[..end];

        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(encoded.Length)];
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] != '%')
            {
                length += Encoding.UTF8.GetBytes(encoded.Slice(i, 1), bytes.AsSpan(length));
                continue;
            }

            var digits = encoded[(i + 1)..];
            if (digits.Length < 2 || !char.IsAsciiHexDigit(digits[0]) || !char.IsAsciiHexDigit(digits[1]))
            {
                throw new BadHttpRequestException("The key has a '%' that two hexadecimal digits do not follow. Write a percent sign as %25.");
            }

            bytes[length++] = Convert.FromHexString(digits[..2])[0];
            i += 2;
        }

        var key = bytes.AsSpan(0, length);
        return Utf8.IsValid(key) ? Encoding.UTF8.GetString(key) : throw new BadHttpRequestException("The key is not UTF-8.");
    }
}
