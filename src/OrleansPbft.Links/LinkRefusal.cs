using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Links;

/// <summary>Why a silo does not take a link. Both sides say it in their logs; its name is what is counted.</summary>
internal enum LinkRefusal
{
    /// <summary>It is no WebSocket.</summary>
    NotWebSocket,

    /// <summary>The peer speaks other versions than this silo.</summary>
    Version,

    /// <summary>The peer is of another cluster: other keys, service or options.</summary>
    Cluster,

    /// <summary>The peer means another replica than this silo's, or is none of the others.</summary>
    Replica,

    /// <summary>The peer shows no certificate.</summary>
    NoCertificate,

    /// <summary>The peer's certificate is of another key than the cluster file has for it.</summary>
    Key,

    /// <summary>The peer's certificate is not valid yet.</summary>
    NotYetValid,

    /// <summary>The peer's certificate is not valid any more.</summary>
    Expired,

    /// <summary>The peer's links were closed for what it sent, and it may not come again yet.</summary>
    Penalty,

    /// <summary>The silo stops.</summary>
    Stopping,
}

/// <summary>What a refusal is on the wire, and in words.</summary>
internal static class LinkRefusals
{
    private static readonly ImmutableArray<LinkRefusal> All = [.. Enum.GetValues<LinkRefusal>()];

    public static LinkRefusal Of(CertificateProblem problem) => problem switch
    {
        CertificateProblem.Missing => LinkRefusal.NoCertificate,
        CertificateProblem.NotYetValid => LinkRefusal.NotYetValid,
        CertificateProblem.Expired => LinkRefusal.Expired,
        _ => LinkRefusal.Key,
    };

    public static int Status(this LinkRefusal refusal) => refusal switch
    {
        LinkRefusal.NotWebSocket or LinkRefusal.Version => StatusCodes.Status400BadRequest,
        LinkRefusal.Cluster or LinkRefusal.Replica => StatusCodes.Status421MisdirectedRequest,
        LinkRefusal.Penalty or LinkRefusal.Stopping => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status403Forbidden,
    };

    /// <summary>What a silo says that was refused. The words are its own: of what the peer sent only the reason's name is used, if it is known.</summary>
    /// <param name="reason">What the peer's header says; may be anything.</param>
    /// <param name="peer">As in <c>replica 2 at example.org:7002</c>.</param>
    /// <param name="self">The silo's replica, as in <c>replica 1</c>.</param>
    public static string? Describe(string? reason, string peer, string self)
    {
        var index = All.IndexOf(All.FirstOrDefault(one => one.ToString() == reason, (LinkRefusal)(-1)));
        return index < 0 ? null : All[index] switch
        {
            LinkRefusal.Version => $"{peer} speaks no version of the protocol that this silo does ({ReplicaProtocol.Subprotocol}): bring the older of the two up to date.",
            LinkRefusal.Cluster => $"{peer} is of another cluster: its keys, service or options are not this silo's. Compare the cluster.json of both.",
            LinkRefusal.Replica => $"{peer} answers that it is another replica. Is its address in cluster.json right?",
            LinkRefusal.NoCertificate => $"{peer} saw no certificate of this silo.",
            LinkRefusal.Key => $"{peer} does not accept the key of this silo: it has another one for {self} in its cluster.json.",
            LinkRefusal.NotYetValid => $"{peer} says that the certificate of this silo is not valid yet. Are both clocks right?",
            LinkRefusal.Expired => $"{peer} says that the certificate of this silo has expired. Renew it with 'client keys renew', and restart; are both clocks right?",
            LinkRefusal.Penalty => $"{peer} closed the last link for what this silo had sent, and takes no other for a while.",
            LinkRefusal.Stopping => $"{peer} is stopping.",
            _ => null,
        };
    }
}
