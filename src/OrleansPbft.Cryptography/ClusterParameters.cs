using System.Collections.Immutable;
using System.Text;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>What all replicas of a cluster must agree on beside their keys. It is part of the cluster's id: replicas that differ in it are of different clusters.</summary>
/// <remarks>Time-outs are not: they may differ without harm to safety.</remarks>
public static class ClusterParameters
{
    /// <summary>The options that decide what is executed and what is accepted, by the names they have in <see cref="ProtocolOptions"/>.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        nameof(ProtocolOptions.CheckpointInterval), nameof(ProtocolOptions.LogWindow),
        nameof(ProtocolOptions.BatchMax), nameof(ProtocolOptions.BatchBytesMax),
        nameof(ProtocolOptions.SessionsMax), nameof(ProtocolOptions.SessionWindow), nameof(ProtocolOptions.SessionReplyBytesMax),
        nameof(ProtocolOptions.OperationsMax), nameof(ProtocolOptions.RequestBytesMax), nameof(ProtocolOptions.ResultBytesMax),
    ];

    private static ReadOnlySpan<byte> Domain => "OrleansPbft/1 parameters\0"u8;

    /// <summary>The values of the options in <see cref="Names"/>, in that order.</summary>
    public static ImmutableArray<int> ValuesOf(ProtocolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return
        [
            options.CheckpointInterval, options.LogWindow,
            options.BatchMax, options.BatchBytesMax,
            options.SessionsMax, options.SessionWindow, options.SessionReplyBytesMax,
            options.OperationsMax, options.RequestBytesMax, options.ResultBytesMax,
        ];
    }

    /// <summary>Options with these values, in the order of <see cref="Names"/>, and with this mode; all others have their defaults.</summary>
    /// <exception cref="ArgumentException">There are not as many values as names.</exception>
    public static ProtocolOptions OptionsOf(ClusterSize cluster, ReadOnlySpan<int> values, AuthenticationMode authentication = AuthenticationMode.Signatures)
    {
        if (values.Length != Names.Length) throw new ArgumentException($"There are {Names.Length} parameters, not {values.Length}.", nameof(values));
        return new()
        {
            Cluster = cluster,
            Authentication = authentication,
            CheckpointInterval = values[0],
            LogWindow = values[1],
            BatchMax = values[2],
            BatchBytesMax = values[3],
            SessionsMax = values[4],
            SessionWindow = values[5],
            SessionReplyBytesMax = values[6],
            OperationsMax = values[7],
            RequestBytesMax = values[8],
            ResultBytesMax = values[9],
        };
    }

    /// <summary>The digest that <see cref="Membership"/> takes: of the service's name, of the options in <see cref="Names"/>, and of the mode of authentication.</summary>
    /// <remarks>Mode Signatures adds nothing: clusters were made before there was another, and keep their ids.</remarks>
    public static Digest DigestOf(string service, ProtocolOptions options)
    {
        var name = Encoding.UTF8.GetBytes(service);
        var values = ValuesOf(options);
        var hasMode = options.Authentication != AuthenticationMode.Signatures;
        var bytes = new byte[Domain.Length + sizeof(uint) + name.Length + ((values.Length + (hasMode ? 1 : 0)) * sizeof(long))];
        var writer = new WireWriter(bytes);
        writer.WriteBytes(Domain);
        writer.WriteLength(name.Length);
        writer.WriteBytes(name);
        foreach (var value in values) writer.WriteInt64(value);
        if (hasMode) writer.WriteInt64((long)options.Authentication);
        return Digest.Of(bytes);
    }
}
