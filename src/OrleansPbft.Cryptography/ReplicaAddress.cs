using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrleansPbft.Cryptography;

/// <summary>Where a replica of a federation listens, for its peers and for clients: a host name or an IP address, and a port.</summary>
/// <param name="Host">A name or an IP address; one of IPv6 without brackets.</param>
/// <param name="Port">1 to 65535.</param>
public readonly record struct ReplicaAddress(string Host, int Port)
{
    /// <summary>The longest name of a host.</summary>
    private const int HostLengthMax = 253;

    /// <summary>Reads what <see cref="ToString"/> writes: <c>host:port</c>, <c>192.0.2.1:7000</c>, <c>[2001:db8::1]:7000</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ReplicaAddress address)
    {
        address = default;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon < 1 || colon > HostLengthMax + 2) return false;
        var host = text![..colon];
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65_535) return false;
        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (isBracketed) host = host[1..^1];
        var kind = Uri.CheckHostName(host);
        if (kind == UriHostNameType.Unknown || isBracketed != (kind == UriHostNameType.IPv6)) return false;
        address = new(host, port);
        return true;
    }

    /// <summary>As it is written in a cluster file.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}
