using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>The vectors of docs/wire-format.md mean what the page says .</summary>
public sealed class WireFormatVectorTests : IDisposable
{
    private static readonly string[] Page = File.ReadAllLines(FindPage());

    private readonly TestCluster _cluster = new();

    public static TheoryData<string> Names => [.. Blocks("vector").Select(vector => vector["name"])];

    [Theory, MemberData(nameof(Names))]
    public void A_vector_opens_as_the_page_says(string name)
    {
        var vector = Blocks("vector").Single(block => block["name"] == name);
        var envelope = Convert.FromHexString(vector["envelope"]);

        var reason = _cluster.Opener().TryOpen(envelope, out var input);

        if (vector.TryGetValue("rejected as", out var expectedReason))
        {
            Assert.Equal(expectedReason, reason.ToString());
            return;
        }

        Assert.Equal(RejectReason.None, reason);
        Assert.Equal(vector["opens as"], input.ToString());
        AssertHashes(vector, Forge.Frame(envelope));
    }

    [Fact]
    public void Every_kind_and_every_seal_has_a_vector()
    {
        var frames = Blocks("vector").Concat(Blocks("mac-vector")).Where(vector => vector.ContainsKey("opens as"))
            .Select(vector => Forge.Frame(Convert.FromHexString(vector["envelope"]))).ToArray();

        Assert.Equal(
            Enum.GetValues<MessageKind>().Where(kind => kind != MessageKind.None),
            frames.Select(frame => frame.Kind).Distinct().Order());
        Assert.Equal([SealType.Signature, SealType.BatchSignature, SealType.Mac, SealType.SignatureAndMacs], frames.Select(frame => frame.SealType).Distinct().Order());
        Assert.Equal(11, Blocks("vector").Count(vector => vector.ContainsKey("rejected as")));
    }

    [Fact]
    public void The_values_beside_the_vectors_are_right()
    {
        var values = Assert.Single(Blocks("values"));

        for (var i = 0; i < 4; i++) Assert.Equal(values[$"replica {i}"], _cluster.Membership.Replicas[i].ToString());
        Assert.Equal(values["client"], _cluster.ClientKey.PublicKey.ToString());
        Assert.Equal(values["cluster id"], _cluster.Membership.Id.ToString());
        Assert.Equal(values["client id"], _cluster.Client.Client.ToString());
        Assert.Equal(values["digest of the null batch"], BatchEncoding.Null.Digest.ToHex());

        var proposal = Blocks("vector").Single(vector => vector["name"] == "a proposal of both requests");
        _cluster.Opener().TryOpen(Convert.FromHexString(proposal["envelope"]), out var input);
        Assert.Equal(values["digest of the batch of both requests"], input.PrePrepare.Digest.ToHex());
    }

    [Fact]
    public void Every_reason_is_on_the_page()
    {
        var text = string.Join('\n', Page);

        foreach (var reason in Enum.GetNames<RejectReason>().Where(name => name != nameof(RejectReason.None)))
        {
            Assert.Contains(reason, text, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _cluster.Dispose();

    private static void AssertHashes(Dictionary<string, string> vector, EnvelopeFrame frame)
    {
        if (frame.SealType == SealType.Signature)
        {
            Assert.Equal(vector["signing hash"], SigningHash.OfEnvelope(frame.Signed.Span).ToHex());
            return;
        }

        var leaf = SigningHash.OfLeaf(frame.Signed.Span);
        var root = MerkleTree.RootOf(leaf, frame.LeafIndex, frame.LeafCount, frame.Path.Span);
        Assert.Equal(vector["leaf hash"], leaf.ToHex());
        Assert.Equal(vector["root"], root.ToHex());
        Assert.Equal(vector["signing hash"], SigningHash.OfBatch(frame.Cluster, frame.Replica, frame.LeafCount, root).ToHex());
    }

    /// <summary>The fenced blocks of one language: "name: value" lines, and after "envelope:" hexadecimal to the end.</summary>
    internal static IEnumerable<Dictionary<string, string>> Blocks(string language)
    {
        for (var i = 0; i < Page.Length; i++)
        {
            if (Page[i] != $"```{language}") continue;
            var block = new Dictionary<string, string>();
            for (i++; Page[i] != "```"; i++)
            {
                if (Page[i].StartsWith(' ')) block["envelope"] += Page[i].Trim();
                else
                {
                    var colon = Page[i].IndexOf(": ", StringComparison.Ordinal);
                    block[Page[i].Split(": ")[0].TrimEnd(':')] = colon < 0 ? "" : Page[i][(colon + 2)..];
                }
            }

            yield return block;
        }
    }

    private static string FindPage()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "OrleansPbft.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return Path.Combine(directory.FullName, "docs", "wire-format.md");
    }
}
