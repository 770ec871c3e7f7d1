using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>A replica's certificate is as good as its key, and as long as its dates say (DESIGN 9).</summary>
public sealed class ReplicaCertificateTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TestCluster _cluster = new();
    private readonly KeyPair _keys = TestCluster.KeyOf(1);
    private readonly string _directory = Directory.CreateTempSubdirectory("orleanspbft-certificates-").FullName;

    [Fact]
    public void A_certificate_of_the_replicas_key_is_accepted_while_it_is_valid()
    {
        using var certificate = Make();

        Assert.Equal(CertificateProblem.None, ReplicaCertificate.FindProblem(certificate, _keys.PublicKey, Now));
        Assert.Equal(CertificateProblem.NotYetValid, ReplicaCertificate.FindProblem(certificate, _keys.PublicKey, Now.AddDays(-2)));
        Assert.Equal(CertificateProblem.Expired, ReplicaCertificate.FindProblem(certificate, _keys.PublicKey, Now.AddDays(31)));
        Assert.Equal(CertificateProblem.Missing, ReplicaCertificate.FindProblem(null, _keys.PublicKey, Now));
    }

    /// <summary>The name in a certificate is for people: whoever has another key is somebody else, whatever the name and the dates are.</summary>
    [Fact]
    public void A_certificate_of_another_key_is_not()
    {
        using var other = KeyPair.Create();
        using var pretends = ReplicaCertificate.Create(other, new(0), _cluster.Membership.Id, Now.AddDays(-1), Now.AddDays(30));
        using var otherCurve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var ofOtherCurve = new CertificateRequest("CN=replica 0", otherCurve, HashAlgorithmName.SHA384).CreateSelfSigned(Now, Now.AddDays(1));
        using var rsa = RSA.Create(2048);
        using var ofRsa = new CertificateRequest("CN=replica 0", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(Now, Now.AddDays(1));

        foreach (var certificate in new[] { pretends, ofOtherCurve, ofRsa })
        {
            Assert.Equal(CertificateProblem.WrongKey, ReplicaCertificate.FindProblem(certificate, _keys.PublicKey, Now));
            var said = ReplicaCertificate.Describe(CertificateProblem.WrongKey, certificate, "replica 0", _keys.PublicKey);
            Assert.Contains(_keys.PublicKey.Fingerprint, said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_certificate_survives_its_file_and_meets_its_key_again()
    {
        using var certificate = Make();
        var path = Path.Combine(_directory, "certificate.pem");
        ReplicaCertificate.Save(path, certificate);

        using var loaded = ReplicaCertificate.Load(path);
        using var withKey = ReplicaCertificate.WithKey(loaded, _keys);

        Assert.DoesNotContain("PRIVATE", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.False(loaded.HasPrivateKey);
        Assert.True(withKey.HasPrivateKey);
        Assert.Throws<IOException>(() => ReplicaCertificate.Save(path, certificate));
        using var other = KeyPair.Create();
        Assert.Throws<ArgumentException>(() => ReplicaCertificate.WithKey(loaded, other));
    }

    [Fact]
    public void A_renewed_certificate_replaces_the_old_one_and_has_its_key()
    {
        using var old = Make();
        using var renewed = ReplicaCertificate.Create(_keys, new(0), _cluster.Membership.Id, Now, Now.AddDays(300));
        var path = Path.Combine(_directory, "certificate.pem");
        ReplicaCertificate.Save(path, old);

        ReplicaCertificate.Save(path, renewed, replaces: true);

        using var loaded = ReplicaCertificate.Load(path);
        Assert.Equal(renewed.Thumbprint, loaded.Thumbprint);
        Assert.Equal(CertificateProblem.None, ReplicaCertificate.FindProblem(loaded, _keys.PublicKey, Now.AddDays(200)));
        Assert.Equal([path], Directory.GetFiles(_directory));
    }

    [Fact]
    public void A_file_that_is_no_certificate_is_refused_with_its_name()
    {
        foreach (var content in new[] { "", "nonsense", _keys.ToPem(), new string('x', 65 << 10) })
        {
            var path = Path.Combine(_directory, "bad.pem");
            File.WriteAllText(path, content);

            Assert.Contains(path, Assert.Throws<CryptographicException>(() => ReplicaCertificate.Load(path)).Message, StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        _keys.Dispose();
        _cluster.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private X509Certificate2 Make() => ReplicaCertificate.Create(_keys, new(0), _cluster.Membership.Id, Now.AddDays(-1), Now.AddDays(30));
}
