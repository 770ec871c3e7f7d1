using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using OrleansPbft.Cryptography;
using PublicKey = OrleansPbft.Cryptography.PublicKey;

namespace OrleansPbft.Client.WebSockets;

/// <summary>TLS 1.3 to one replica, whose certificate must be made with the key that the cluster file has for it (DESIGN 9). No authority, no names.</summary>
/// <param name="pin">The replica's key.</param>
/// <param name="holder">What to call it in problems, as in <c>replica 2</c>.</param>
/// <param name="time">The clock that the certificate's dates are compared with.</param>
/// <param name="own">The certificate to show; null for a client, who is known by what it signs.</param>
internal sealed class PinnedTls(PublicKey pin, string holder, TimeProvider time, X509Certificate2? own = null)
{
    private readonly SslStreamCertificateContext? _own = own is null ? null : SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true);
    private volatile string? _problem;

    /// <summary>Why the certificate that was shown last is not accepted; null when it is, or none was.</summary>
    public string? Problem => _problem;

    /// <summary>A connection factory for HTTP; for one connection, and to be disposed.</summary>
    public SocketsHttpHandler CreateHandler(TimeSpan connectTimeout)
    {
        _problem = null;
        var options = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowRenegotiation = false,
            AllowTlsResume = false, // each connection shows its certificate
            RemoteCertificateValidationCallback = (_, certificate, _, _) => Accepts(certificate as X509Certificate2),
        };
        if (_own is not null) options.ClientCertificateContext = _own;
        return new() { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = connectTimeout, SslOptions = options };
    }

    private bool Accepts(X509Certificate2? certificate)
    {
        var problem = ReplicaCertificate.FindProblem(certificate, pin, time.GetUtcNow());
        _problem = problem == CertificateProblem.None ? null : ReplicaCertificate.Describe(problem, certificate, holder, pin);
        return problem == CertificateProblem.None;
    }
}
