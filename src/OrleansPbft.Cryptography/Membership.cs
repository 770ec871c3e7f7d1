using System.Collections.Immutable;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>Who the n replicas of a cluster are: their public keys, in the order of their ids. The cluster's id follows from it.</summary>
public sealed class Membership
{
    /// <summary>Describes a cluster.</summary>
    /// <param name="replicas">The public key of each replica, in the order of their ids.</param>
    /// <param name="parameters">A digest of whatever else all replicas must agree on, such as the service and its version; zero for nothing.</param>
    /// <exception cref="ArgumentException">The number of keys is none a cluster can have, a key is not on the curve, or two replicas have one key.</exception>
    public Membership(ImmutableArray<PublicKey> replicas, Digest parameters = default)
    {
        if (FindProblem(replicas.AsSpan()) is { } problem) throw new ArgumentException(problem, nameof(replicas));
        Cluster = new(replicas.Length);
        Replicas = replicas;
        Parameters = parameters;
        Id = IdOf(replicas.AsSpan(), parameters);
    }

    /// <summary>The cluster's id: part of every signature (rule A-1).</summary>
    public ClusterId Id { get; }

    /// <summary>n and its thresholds.</summary>
    public ClusterSize Cluster { get; }

    /// <summary>The replicas' keys, in the order of their ids.</summary>
    public ImmutableArray<PublicKey> Replicas { get; }

    /// <summary>The digest of whatever else all replicas agree on.</summary>
    public Digest Parameters { get; }

    private static ReadOnlySpan<byte> Domain => "OrleansPbft/1 membership\0"u8;

    /// <summary>The key of a replica; false when the cluster has no such replica.</summary>
    public bool TryGetKey(ReplicaId replica, out PublicKey key)
    {
        var found = Cluster.Contains(replica);
        key = found ? Replicas[replica.Index] : default;
        return found;
    }

    /// <summary>Which replica has this key; false when none has.</summary>
    public bool TryFind(in PublicKey key, out ReplicaId replica)
    {
        var index = Replicas.IndexOf(key);
        replica = new(Math.Max(index, 0));
        return index >= 0;
    }

    /// <summary>Why these keys can not be a cluster's, as a sentence for the person who gave them; null when they can.</summary>
    public static string? FindProblem(ReadOnlySpan<PublicKey> replicas)
    {
        if (replicas.Length != 1 && replicas.Length is < 4 or > ClusterSize.ReplicasMax)
        {
            return $"A cluster has 4 to {ClusterSize.ReplicasMax} replicas, or 1 for development; here are {replicas.Length} keys.";
        }

        for (var i = 0; i < replicas.Length; i++)
        {
            if (replicas[..i].Contains(replicas[i])) return $"Replica {i} has the same key as another: each must hold its own."; // one holder, one vote
            if (!replicas[i].IsValid()) return $"The key of replica {i} is not a P-256 public key.";
        }

        return null;
    }

    private static ClusterId IdOf(ReadOnlySpan<PublicKey> replicas, Digest parameters)
    {
        var bytes = new byte[Domain.Length + sizeof(uint) + (replicas.Length * PublicKey.Bytes) + Digest.Bytes];
        var writer = new WireWriter(bytes);
        writer.WriteBytes(Domain);
        writer.WriteLength(replicas.Length);
        Span<byte> key = stackalloc byte[PublicKey.Bytes];
        foreach (var replica in replicas)
        {
            replica.CopyTo(key);
            writer.WriteBytes(key);
        }

        writer.WriteDigest(parameters);
        return ClusterId.From(Digest.Of(bytes));
    }
}
