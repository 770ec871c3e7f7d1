using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>The public file of a federation: what is in it holds together, or it is refused .</summary>
public sealed class ClusterFileTests : IDisposable
{
    private readonly TestCluster _cluster = new();
    private readonly ClusterFile _file;

    public ClusterFileTests() => _file = Make();

    [Fact]
    public void A_cluster_file_reads_as_it_was_written()
    {
        var json = _file.ToJson();

        Assert.True(ClusterFile.TryParse(json, out var read, out var problem), problem);

        Assert.Equal(_file.Membership.Id, read.Membership.Id);
        Assert.Equal(_file.Membership.Replicas, read.Membership.Replicas);
        Assert.Equal(_file.Addresses, read.Addresses);
        Assert.Equal(("KeyValueStore", AccessMode.Listed), (read.Service, read.Access));
        Assert.Equal(ClusterParameters.ValuesOf(_file.Options), ClusterParameters.ValuesOf(read.Options));
        Assert.Equal(json, read.ToJson());
    }

    /// <summary>Replicas that would execute or accept something else are of another cluster; those that moved to another machine are not.</summary>
    [Fact]
    public void The_cluster_id_follows_from_all_that_must_be_equal()
    {
        Assert.Equal(_file.Membership.Id, Make().Membership.Id);
        Assert.Equal(_file.Membership.Id, Make(port: 9000).Membership.Id);
        Assert.Equal(_file.Membership.Id, Make(access: AccessMode.Open).Membership.Id);
        Assert.NotEqual(_file.Membership.Id, Make(service: "Counter").Membership.Id);

        var values = ClusterParameters.ValuesOf(_file.Options);
        for (var i = 0; i < values.Length; i++)
        {
            var options = ClusterParameters.OptionsOf(new(4), values.SetItem(i, values[i] + 1).AsSpan());
            Assert.NotEqual(ClusterParameters.DigestOf("s", _file.Options), ClusterParameters.DigestOf("s", options));
        }
    }

    /// <summary>A file from before there was a mode means Signatures, and the cluster it describes is the one it was.</summary>
    [Fact]
    public void The_mode_of_authentication_is_part_of_the_id_and_old_files_mean_signatures()
    {
        var macs = ClusterParameters.OptionsOf(new(4), ClusterParameters.ValuesOf(_file.Options).AsSpan(), AuthenticationMode.Macs);
        var other = new ClusterFile(_file.Membership.Replicas, _file.Addresses, _file.Service, macs, _file.Access);
        var old = _file.ToJson().Replace("  \"authentication\": \"Signatures\",\n", "", StringComparison.Ordinal);

        Assert.NotEqual(_file.Membership.Id, other.Membership.Id);
        Assert.True(ClusterFile.TryParse(other.ToJson(), out var read, out _));
        Assert.Equal((AuthenticationMode.Macs, other.Membership.Id), (read.Options.Authentication, read.Membership.Id));
        Assert.DoesNotContain("authentication", old, StringComparison.Ordinal);
        Assert.True(ClusterFile.TryParse(old, out read, out _));
        Assert.Equal((AuthenticationMode.Signatures, _file.Membership.Id), (read.Options.Authentication, read.Membership.Id));
    }

    [Fact]
    public void A_cluster_file_that_is_wrong_says_how()
    {
        var json = _file.ToJson();
        var key = _file.Membership.Replicas[2].ToString();

        ExpectProblem("", "not as it should be");
        ExpectProblem("null", "empty");
        ExpectProblem("{}", "not as it should be");
        ExpectProblem("[1, 2]", "not as it should be");
        ExpectProblem(json.Replace("\"version\": 1", "\"version\": 2"), "version 2");
        ExpectProblem(json.Replace("\"id\": 1,", "\"id\": 2,"), "place 1 is not replica 1");
        ExpectProblem(json.Replace("\"version\": 1", "\"version\": 1, \"colour\": 1"), "not as it should be");
        ExpectProblem(json.Replace(key, "AAAA"), "key of replica 2");
        ExpectProblem(json.Replace(key, default(PublicKey).ToString()), "replica 2 is not a P-256 public key");
        ExpectProblem(json.Replace(key, _file.Membership.Replicas[1].ToString()), "same key");
        ExpectProblem(json.Replace("127.0.0.1:7003", "127.0.0.1"), "address of replica 3");
        ExpectProblem(json.Replace("127.0.0.1:7003", "127.0.0.1:7002"), "same address");
        ExpectProblem(json.Replace("Listed", "Secret"), "Open, Listed");
        ExpectProblem(json.Replace("\"Signatures\"", "\"Handshakes\""), "Signatures, Macs");
        ExpectProblem(json.Replace("\"Signatures\"", "\"Macs\""), "mode of authentication are those");
        ExpectProblem(json.Replace("\"LogWindow\"", "\"LogWidth\""), "LogWidth");
        ExpectProblem(json.Replace("\"LogWindow\": 256,", ""), "does not say what LogWindow is");
        ExpectProblem(json.Replace("\"LogWindow\": 256", "\"LogWindow\": 5"), "LogWindow (5)");
        ExpectProblem(json.Replace("\"LogWindow\": 256", "\"LogWindow\": 512"), "says it describes");
        ExpectProblem(json.Replace("KeyValueStore", "Counter"), "says it describes");
        ExpectProblem(json.Replace(_file.Membership.Id.ToString(), new string('0', 32)), "says it describes");
    }

    [Theory]
    [InlineData("127.0.0.1:7000", "127.0.0.1", 7000)]
    [InlineData("example.org:1", "example.org", 1)]
    [InlineData("[::1]:65535", "::1", 65535)]
    public void An_address_is_a_host_and_a_port(string text, string host, int port)
    {
        Assert.True(ReplicaAddress.TryParse(text, out var address));
        Assert.Equal((host, port, text), (address.Host, address.Port, address.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("example.org")]
    [InlineData(":7000")]
    [InlineData("example.org:0")]
    [InlineData("example.org:65536")]
    [InlineData("example.org:+5")]
    [InlineData("::1:7000")]
    [InlineData("[example.org]:7000")]
    [InlineData("exa mple:7000")]
    [InlineData("http://example.org:7000")]
    public void What_is_no_address_does_not_parse(string? text) => Assert.False(ReplicaAddress.TryParse(text, out _));

    [Fact]
    public void A_list_of_clients_reads_as_it_was_written()
    {
        using var alice = KeyPair.Create();
        using var bob = KeyPair.Create();
        ListedClient[] clients = [new(alice.PublicKey, "alice"), new(bob.PublicKey, "bob.smith_2-x")];

        Assert.True(ClientList.TryParse($"# these\r\n\n  {clients[0]}\r\n{clients[1]}", out var read, out var problem), problem);

        Assert.Equal(clients, read);
    }

    [Fact]
    public void A_line_that_lists_nobody_is_refused_with_its_number()
    {
        using var alice = KeyPair.Create();
        var line = new ListedClient(alice.PublicKey, "alice").ToString();

        ExpectListProblem("\nalice", "Line 2");
        ExpectListProblem(alice.PublicKey.ToString(), "Line 1");
        ExpectListProblem($"{alice.PublicKey} a/b", "Line 1");
        ExpectListProblem($"{line} too", "Line 1");
        ExpectListProblem($"{line}\n{line}", "on line 1 already");
        ExpectListProblem($"{default(PublicKey)} nobody", "not a P-256 public key");
    }

    public void Dispose() => _cluster.Dispose();

    private ClusterFile Make(string service = "KeyValueStore", int port = 7000, AccessMode access = AccessMode.Listed) => new(
        _cluster.Membership.Replicas,
        [.. Enumerable.Range(0, 4).Select(i => new ReplicaAddress("127.0.0.1", port + i))],
        service,
        new() { Cluster = new(4) },
        access);

    private static void ExpectProblem(string json, string expected)
    {
        Assert.False(ClusterFile.TryParse(json, out var file, out var problem));
        Assert.Null(file);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    private static void ExpectListProblem(string text, string expected)
    {
        Assert.False(ClientList.TryParse(text, out var clients, out var problem));
        Assert.Empty(clients);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }
}
