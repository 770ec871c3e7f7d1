using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>A cluster is its replicas' keys, and its file says nothing else .</summary>
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

    [Fact]
    public void A_cluster_file_reads_as_it_was_written()
    {
        var membership = new Membership(_cluster.Membership.Replicas, Digest.Of("kv/1"u8));
        var json = ClusterFile.ToJson(membership);

        Assert.True(ClusterFile.TryParse(json, out var read, out var problem), problem);

        Assert.Equal(membership.Id, read.Id);
        Assert.Equal(membership.Replicas, read.Replicas);
        Assert.Equal(membership.Parameters, read.Parameters);
        Assert.Equal(json, ClusterFile.ToJson(read));
    }

    [Fact]
    public void A_cluster_file_that_is_wrong_says_how()
    {
        var json = ClusterFile.ToJson(_cluster.Membership);
        var key = _cluster.Membership.Replicas[2].ToString();

        ExpectProblem("", "not as it should be");
        ExpectProblem("null", "0 replicas");
        ExpectProblem("{}", "not as it should be");
        ExpectProblem("[1, 2]", "not as it should be");
        ExpectProblem(json.Replace("\"n\": 4", "\"n\": 5"), "names 5 replicas but has 4 keys");
        ExpectProblem(json.Replace("\"n\": 4", "\"n\": -1"), "names -1 replicas");
        ExpectProblem(json.Replace("\"n\": 4", "\"m\": 4"), "not as it should be");
        ExpectProblem(json.Replace(key, "AAAA"), "key of replica 2");
        ExpectProblem(json.Replace(key, default(PublicKey).ToString()), "replica 2 is not a P-256 public key");
        ExpectProblem(json.Replace(_cluster.Membership.Id.ToString(), new string('0', 32)), "says it describes");
        ExpectProblem(json.Replace(new string('0', 64), "zz"), "parameters");
    }

    public void Dispose() => _cluster.Dispose();

    private static void ExpectProblem(string json, string expected)
    {
        Assert.False(ClusterFile.TryParse(json, out var membership, out var problem));
        Assert.Null(membership);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }
}
