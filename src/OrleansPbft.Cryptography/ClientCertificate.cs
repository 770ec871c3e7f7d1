using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansPbft.Cryptography;

/// <summary>The TLS certificate of a client: made for its connections, with its own key, so that replicas know whose replies to send over them.</summary>
/// <remarks>What a client asks is proven by the signature on it; this only says who listens.</remarks>
public static class ClientCertificate
{
    /// <summary>Makes a certificate with its key.</summary>
    public static X509Certificate2 Create(KeyPair keys, DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentNullException.ThrowIfNull(keys);
        using var key = keys.ToECDsa();
        var request = new CertificateRequest($"CN=client {keys.PublicKey.ClientId}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        return request.CreateSelfSigned(from, to);
    }
}
