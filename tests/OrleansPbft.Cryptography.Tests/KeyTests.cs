using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>Keys: by value, one encoding each, private files (A-2, A-5, C-1).</summary>
public sealed class KeyTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("orleanspbft-keys-").FullName;

    [Fact]
    public void A_public_key_is_its_bytes()
    {
        using var pair = TestCluster.KeyOf(1);
        var bytes = new byte[PublicKey.Bytes];
        pair.PublicKey.CopyTo(bytes);

        Assert.Equal(pair.PublicKey, new PublicKey(bytes));
        Assert.True(PublicKey.TryParse(pair.PublicKey.ToString(), out var parsed));
        Assert.Equal(pair.PublicKey, parsed);
        Assert.Equal(ClientId.Of(bytes), pair.PublicKey.ClientId);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)[..16]), pair.PublicKey.ClientId.ToString());
        Assert.True(pair.PublicKey.IsValid());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("04")]
    [InlineData("no digits at all, whatever one may think of it, and yet exactly as long as a key has to be: one hundred and twenty-eight letters")]
    public void What_is_no_public_key_does_not_parse(string? text) => Assert.False(PublicKey.TryParse(text, out _));

    [Fact]
    public void A_coordinate_beyond_the_field_is_no_second_encoding_of_a_key()
    {
        const string Y = "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc";

        // x = 5 and x = 5 + p name the same point to a decoder that reduces: one client would have two ids.
        Assert.True(PublicKey.TryParse("0000000000000000000000000000000000000000000000000000000000000005" + Y, out var canonical));
        Assert.True(PublicKey.TryParse("ffffffff00000001000000000000000000000001000000000000000000000004" + Y, out var other));

        Assert.True(canonical.IsValid());
        Assert.False(other.IsValid());
        Assert.False(default(PublicKey).IsValid());
    }

    [Fact]
    public void A_key_pair_survives_its_file_and_signs_as_before()
    {
        using var pair = KeyPair.Create();
        var path = Path.Combine(_directory, "replica.pem");
        KeyFile.Save(path, pair);

        using var loaded = KeyFile.Load(path);
        var signature = new byte[64];
        loaded.Sign(Digest.Of("a"u8), signature);

        Assert.Equal(pair.PublicKey, loaded.PublicKey);
        Assert.Equal(RejectReason.None, new SignatureVerifier(new()).Verify(Digest.Of("a"u8), pair.PublicKey, signature));
        Assert.Throws<IOException>(() => KeyFile.Save(path, pair));
    }

    [Fact]
    public void A_key_file_is_its_owners_alone()
    {
        if (OperatingSystem.IsWindows()) return;
        using var pair = KeyPair.Create();
        var path = Path.Combine(_directory, "client.pem");
        KeyFile.Save(path, pair);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));

        foreach (var mode in new[] { UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.OtherWrite })
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | mode);
            var refusal = Assert.Throws<CryptographicException>(() => KeyFile.Load(path));
            Assert.Contains($"chmod 600 {path}", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_is_no_private_key_is_refused_with_its_name()
    {
        using var otherCurve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var right = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string[] contents = ["", "nonsense", otherCurve.ExportPkcs8PrivateKeyPem(), right.ExportSubjectPublicKeyInfoPem(), new string('x', 17 << 10)];

        foreach (var content in contents)
        {
            var path = Path.Combine(_directory, "bad.pem");
            File.WriteAllText(path, content);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

            var refusal = Assert.Throws<CryptographicException>(() => KeyFile.Load(path));
            Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        }

        Assert.Throws<FileNotFoundException>(() => KeyFile.Load(Path.Combine(_directory, "none.pem")));
    }

    [Fact]
    public void A_key_pair_shows_only_its_public_half()
    {
        using var pair = KeyPair.Create();

        Assert.Equal(pair.PublicKey.ToString(), pair.ToString());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
