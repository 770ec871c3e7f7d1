using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>The TLS certificate of a replica: signed by itself with the replica's own key, so that the cluster file's key is its pin.</summary>
/// <remarks>There is no authority: a certificate is worth what its key is. Its dates are checked nevertheless, and it is renewed with
/// the same key, which nobody else needs to be told.</remarks>
public static class ReplicaCertificate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const int FileBytesMax = 64 << 10;

    /// <summary>Makes a certificate.</summary>
    /// <param name="keys">The replica's.</param>
    /// <param name="replica">Its id, for people who look at the certificate.</param>
    /// <param name="cluster">Its cluster, for the same.</param>
    /// <param name="from">Valid from then,</param>
    /// <param name="to">to then.</param>
    public static X509Certificate2 Create(KeyPair keys, ReplicaId replica, ClusterId cluster, DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentNullException.ThrowIfNull(keys);
        using var key = keys.ToECDsa();
        var request = new CertificateRequest($"CN=replica {replica.Index}, O=OrleansPbft {cluster}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(ServerAuthentication), new(ClientAuthentication)], critical: false));
        return request.CreateSelfSigned(from, to);
    }

    /// <summary>Writes a certificate, without a key, as PEM.</summary>
    /// <param name="path">The file.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="replaces">Whether a file that is there is replaced: certificates are public and can be made again.</param>
    /// <exception cref="IOException">The file exists, and is not to be replaced; or it can not be written.</exception>
    public static void Save(string path, X509Certificate2 certificate, bool replaces = false)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var written = replaces ? path + ".new" : path;
        using (var writer = new StreamWriter(written, new FileStreamOptions { Mode = replaces ? FileMode.Create : FileMode.CreateNew, Access = FileAccess.Write }))
        {
            writer.Write(certificate.ExportCertificatePem() + "\n");
        }

        if (replaces) File.Move(written, path, overwrite: true); // there is always a whole one
    }

    /// <summary>Reads a certificate of a file, without a key.</summary>
    /// <exception cref="CryptographicException">It holds none; the message names the file.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static X509Certificate2 Load(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.Length > FileBytesMax) throw new CryptographicException($"The file {path} is too long to be a certificate.");
        using var reader = new StreamReader(stream);
        try
        {
            return X509Certificate2.CreateFromPem(reader.ReadToEnd());
        }
        catch (CryptographicException e)
        {
            throw new CryptographicException($"The file {path} is not a certificate in PEM: {e.Message}", e);
        }
    }

    /// <summary>The certificate with its key, for TLS.</summary>
    /// <exception cref="ArgumentException">It is not a certificate of this key.</exception>
    public static X509Certificate2 WithKey(X509Certificate2 certificate, KeyPair keys)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(keys);
        if (!TryReadKey(certificate, out var key) || key != keys.PublicKey) throw new ArgumentException("The certificate was made with another key.", nameof(certificate));
        using var secret = keys.ToECDsa();
        return certificate.CopyWithPrivateKey(secret);
    }

    /// <summary>The P-256 public key of a certificate; false when it has none.</summary>
    public static bool TryReadKey(X509Certificate2 certificate, out PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        key = default;
        try
        {
            using var ecdsa = certificate.GetECDsaPublicKey();
            if (ecdsa is null) return false;
            var parameters = ecdsa.ExportParameters(includePrivateParameters: false);
            if (parameters.Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value) return false;
            key = new([.. parameters.Q.X!, .. parameters.Q.Y!]);
            return true;
        }
        catch (CryptographicException)
        {
            return false; // a key that can not be read is none: the one way the base library has of saying so
        }
    }

    /// <summary>What keeps a certificate from proving that its holder has <paramref name="pin"/>.</summary>
    /// <param name="certificate">What the other side has shown; null for nothing. That it holds the key is TLS's to find out.</param>
    /// <param name="pin">The replica's key in the cluster file.</param>
    /// <param name="now">The time by this machine's clock.</param>
    public static CertificateProblem FindProblem(X509Certificate2? certificate, in PublicKey pin, DateTimeOffset now)
    {
        if (certificate is null) return CertificateProblem.Missing;
        if (!TryReadKey(certificate, out var key) || key != pin) return CertificateProblem.WrongKey; // first: a stranger's dates are nobody's business
        if (now < certificate.NotBefore) return CertificateProblem.NotYetValid;
        return now > certificate.NotAfter ? CertificateProblem.Expired : CertificateProblem.None;
    }

    /// <summary>A problem as a sentence for an operator, with what to do.</summary>
    /// <param name="problem">Not <see cref="CertificateProblem.None"/>.</param>
    /// <param name="certificate">The certificate; null when there is none.</param>
    /// <param name="holder">Who has it, as in <c>replica 2</c>.</param>
    /// <param name="pin">The key in the cluster file.</param>
    public static string Describe(CertificateProblem problem, X509Certificate2? certificate, string holder, in PublicKey pin) => problem switch
    {
        CertificateProblem.Missing => $"{holder} showed no certificate.",
        CertificateProblem.WrongKey =>
            $"The certificate of {holder} is of the key {(TryReadKey(certificate!, out var key) ? key.Fingerprint : "of another kind")}, "
            + $"but the cluster file has {pin.Fingerprint}. Another machine answers, or one side has an old cluster file.",
        CertificateProblem.NotYetValid =>
            $"The certificate of {holder} is valid from {Utc(certificate!.NotBefore)} only. Is this machine's clock right?",
        CertificateProblem.Expired =>
            $"The certificate of {holder} expired at {Utc(certificate!.NotAfter)}. Renew it there with 'client keys renew', and restart; is this machine's clock right?",
        _ => $"The certificate of {holder} is good.",
    };

    private static string Utc(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
