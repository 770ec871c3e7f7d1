using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>The vectors of docs/wire-format.md for session keys and MACs mean what the page says: they were made by another program .</summary>
public sealed class SessionVectorTests : IDisposable
{
    private static readonly Dictionary<string, string> Values = WireFormatVectorTests.Blocks("mac-values").Single();

    private readonly TestCluster _cluster = new();
    private readonly SessionKeys _receiver;
    private readonly EnvelopeOpener _opener;

    public SessionVectorTests()
    {
        _receiver = SessionKeys.OfSecret(_cluster.Membership.Id, 4, SessionParty.Of(new ReplicaId(1)), _cluster.Keys[1], Secret(302), epoch: 2000);
        _opener = new(_cluster.Membership, MacCluster.Options, new(new()), sessions: _receiver);
        foreach (var vector in Vectors().Take(2)) Assert.Equal(RejectReason.None, _opener.TryOpen(Convert.FromHexString(vector["envelope"]), new List<Input>()));
    }

    public static TheoryData<string> Names => [.. Vectors().Select(static vector => vector["name"])];

    [Theory, MemberData(nameof(Names))]
    public void A_vector_opens_as_the_page_says(string name)
    {
        var vector = Vectors().Single(block => block["name"] == name);
        var envelope = Convert.FromHexString(vector["envelope"]);
        var inputs = new List<Input>();
        var macs = _receiver.Agreements;

        var reason = _opener.TryOpen(envelope, inputs);

        Assert.Equal(vector.GetValueOrDefault("rejected as", nameof(RejectReason.None)), reason.ToString());
        if (reason != RejectReason.None) return;
        Assert.Equal(vector["opens as"], inputs.Count == 0 ? "nothing" : string.Join("; ", inputs));
        var frame = Forge.Frame(envelope);
        if (vector.TryGetValue("signing hash", out var hash)) Assert.Equal(hash, SigningHash.OfEnvelope(frame.Signed.Span).ToHex());
        if (frame.SealType != SealType.SignatureAndMacs) return;
        Assert.True(_receiver.VerifyAuthenticator(frame, _cluster.Client.Client));
        Assert.Equal(macs + 1, _receiver.Agreements);
    }

    [Theory]
    [InlineData(301, 1000, "replica 0", 302, 2000, "replica 1")]
    [InlineData(303, 3000, "the client", 302, 2000, "replica 1")]
    public void The_keys_are_those_on_the_page(int firstSecret, long firstEpoch, string first, int secondSecret, long secondEpoch, string second)
    {
        using var one = new OwnSessionKey(firstEpoch, Secret(firstSecret), 0);
        using var two = new OwnSessionKey(secondEpoch, Secret(secondSecret), 0);
        Assert.Equal(Values[$"session key of {first}"], one.PublicKey.ToString());
        Assert.Equal(Values[$"session key of {second}"], two.PublicKey.ToString());

        var ofOne = new PairKeys(_cluster.Membership.Id, PartyOf(first), one, PartyOf(second), new(secondEpoch, two.PublicKey, []));
        var ofTwo = new PairKeys(_cluster.Membership.Id, PartyOf(second), two, PartyOf(first), new(firstEpoch, one.PublicKey, []));

        Assert.Equal(Values[$"key from {first} to {second}"], Convert.ToHexStringLower(ofOne.Sending.Bytes));
        Assert.Equal(Values[$"key from {second} to {first}"], Convert.ToHexStringLower(ofOne.Receiving.Bytes));
        Assert.Equal(Convert.ToHexString(ofOne.Sending.Bytes), Convert.ToHexString(ofTwo.Receiving.Bytes));
        Assert.Equal(Convert.ToHexString(ofOne.Receiving.Bytes), Convert.ToHexString(ofTwo.Sending.Bytes));
    }

    public void Dispose()
    {
        _receiver.Dispose();
        _cluster.Dispose();
    }

    private static IEnumerable<Dictionary<string, string>> Vectors() => WireFormatVectorTests.Blocks("mac-vector");

    private static ECDiffieHellman Secret(int secret) =>
        ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = [.. new byte[30], (byte)(secret >> 8), (byte)secret] });

    private SessionParty PartyOf(string name) => name == "the client" ? SessionParty.Of(_cluster.Client.Client) : SessionParty.Of(new ReplicaId(name[^1] - '0'));
}
