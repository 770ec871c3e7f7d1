using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Tests;

namespace OrleansPbft.Links.Tests;

/// <summary>Keys, certificates and free loopback ports of a federation of four. Its secrets are those of <see cref="SealedReplicas"/>.</summary>
internal sealed class LinkedCluster : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public LinkedCluster()
    {
        Replicas = new();
        _owned.Add(Replicas);
        Keys = [.. Enumerable.Range(1, 4).Select(static secret => SealedReplicas.KeyOf(secret))];
        Addresses = FreeAddresses(4);
    }

    public SealedReplicas Replicas { get; }

    public Membership Membership => Replicas.Cluster.Membership;

    public ImmutableArray<KeyPair> Keys { get; }

    public ImmutableArray<ReplicaAddress> Addresses { get; set; }

    public static ImmutableArray<ReplicaAddress> FreeAddresses(int count)
    {
        // All at once, so that they differ. Whoever takes one before its silo does makes the test fail, and not pass.
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners) listener.Start();
        ImmutableArray<ReplicaAddress> addresses = [.. listeners.Select(static listener => new ReplicaAddress("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port))];
        foreach (var listener in listeners) listener.Dispose();
        return addresses;
    }

    /// <summary>Who a silo is.</summary>
    /// <param name="replica">Its replica.</param>
    /// <param name="keys">Its key; the replica's, when not given.</param>
    /// <param name="days">From how many days ago to in how many its certificate is valid.</param>
    /// <param name="membership">Its cluster; this one, when not given.</param>
    public LinkIdentity IdentityOf(int replica, KeyPair? keys = null, (int From, int To)? days = null, Membership? membership = null)
    {
        var (from, to) = days ?? (-1, 30);
        var now = DateTimeOffset.UtcNow;
        var certificate = ReplicaCertificate.Create(keys ?? Keys[replica], new(replica), Membership.Id, now.AddDays(from), now.AddDays(to));
        _owned.Add(certificate);
        return new(new(replica), membership ?? Membership, Addresses, certificate, new WireLimits(Replicas.Options));
    }

    public void Dispose()
    {
        foreach (var key in Keys) key.Dispose();
        foreach (var one in _owned) one.Dispose();
    }
}
