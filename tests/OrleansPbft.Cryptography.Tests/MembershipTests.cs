using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>A cluster is its replicas' keys .</summary>
public sealed class MembershipTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void The_cluster_id_follows_from_keys_order_and_parameters()
    {
        var keys = _cluster.Membership.Replicas;

        Assert.Equal(_cluster.Membership.Id, new Membership(keys).Id);
        Assert.NotEqual(_cluster.Membership.Id, new Membership([keys[1], keys[0], keys[2], keys[3]]).Id);
        Assert.NotEqual(_cluster.Membership.Id, new Membership(keys, Digest.Of("kv/1"u8)).Id);
        Assert.NotEqual(_cluster.Membership.Id, new Membership([keys[0]]).Id);
    }

    [Fact]
    public void A_replica_is_found_by_id_and_by_key()
    {
        Assert.True(_cluster.Membership.TryGetKey(new(3), out var key));
        Assert.True(_cluster.Membership.TryFind(key, out var replica));
        Assert.Equal(new ReplicaId(3), replica);
        Assert.False(_cluster.Membership.TryGetKey(new(4), out _));
        Assert.False(_cluster.Membership.TryGetKey(new(-1), out _));
        Assert.False(_cluster.Membership.TryFind(_cluster.ClientKey.PublicKey, out _));
    }

    [Fact]
    public void Keys_that_can_not_be_a_clusters_are_refused()
    {
        var keys = _cluster.Membership.Replicas;

        Assert.Throws<ArgumentException>(() => new Membership([]));
        Assert.Throws<ArgumentException>(() => new Membership(keys[..3]));
        Assert.Throws<ArgumentException>(() => new Membership([.. keys[..3], keys[0]]));
        Assert.Throws<ArgumentException>(() => new Membership([.. keys[..3], default]));
    }

    public void Dispose() => _cluster.Dispose();
}
