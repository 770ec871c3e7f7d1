using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>Seals what one client asks (rules, C-1): signed, and in mode <see cref="AuthenticationMode.Macs"/> with a MAC for each replica. Thread-safe.</summary>
public sealed class ClientSealer
{
    private readonly ClusterId _cluster;
    private readonly WireLimits _limits;
    private readonly EnvelopeSigner _signer;
    private readonly SessionKeys? _sessions;
    private readonly byte[] _publicKey = new byte[PublicKey.Bytes];

    /// <summary>Seals for one client of one cluster.</summary>
    /// <param name="cluster">The cluster the requests are for.</param>
    /// <param name="keyPair">The client's; the sealer does not dispose it.</param>
    /// <param name="limits">The cluster's, so that what no replica would take is not sealed.</param>
    /// <param name="signatures">Where this process remembers signatures, when replicas live in it too.</param>
    /// <param name="sessions">The client's, in mode Macs; null in mode Signatures.</param>
    public ClientSealer(ClusterId cluster, KeyPair keyPair, WireLimits limits, SignatureCache? signatures = null, SessionKeys? sessions = null)
    {
        _sessions = sessions;
        _cluster = cluster;
        _limits = limits;
        _signer = new(keyPair, signatures);
        keyPair.PublicKey.CopyTo(_publicKey);
        Client = keyPair.PublicKey.ClientId;
    }

    /// <summary>Who the client is.</summary>
    public ClientId Client { get; }

    /// <summary>How many bytes of an envelope its MACs take.</summary>
    public int AuthenticatorBytes => _sessions is null ? 0 : EnvelopeEncoding.AuthenticatorBytes(_limits.Replicas);

    /// <summary>Seals a request that opens a session (rule C-2).</summary>
    /// <param name="nonce">1 or more, and not used by this client for another session.</param>
    /// <exception cref="ArgumentException"><paramref name="nonce"/> is below 1.</exception>
    public Request SealOpenSession(long nonce) => Seal(SessionId.None, nonce, []);

    /// <summary>Seals a request of one or more operations (rule N-1).</summary>
    /// <param name="session">1 or more.</param>
    /// <param name="number">The request's number in the session, 1 or more.</param>
    /// <param name="operations">The bundle, 1 .. <see cref="WireLimits.OperationsMax"/>; copied.</param>
    /// <exception cref="ArgumentException">A number is out of range, there are no or too many operations, or they are too long together.</exception>
    public Request SealRequest(SessionId session, long number, ReadOnlySpan<ReadOnlyMemory<byte>> operations)
    {
        if (session.Value is < 1 or > WireLimits.NumberMax) throw new ArgumentException($"{session} is no session.", nameof(session));
        if (operations.IsEmpty || operations.Length > _limits.OperationsMax)
        {
            throw new ArgumentException($"A request has 1 to {_limits.OperationsMax} operations, not {operations.Length}.", nameof(operations));
        }

        return Seal(session, number, operations);
    }

    /// <summary>Seals a read of one or more operations (rule C-7).</summary>
    /// <param name="number">1 or more, and not used by this client for another read.</param>
    /// <param name="operations">The bundle, 1 .. <see cref="WireLimits.OperationsMax"/>; copied.</param>
    /// <exception cref="ArgumentException">The number is below 1, there are no or too many operations, or they are too long together.</exception>
    public Read SealRead(long number, ReadOnlySpan<ReadOnlyMemory<byte>> operations)
    {
        if (number < 1) throw new ArgumentException($"{number} is not the number of a read.", nameof(number));
        if (operations.IsEmpty || operations.Length > _limits.OperationsMax)
        {
            throw new ArgumentException($"A read has 1 to {_limits.OperationsMax} operations, not {operations.Length}.", nameof(operations));
        }

        var operationBytes = 0L;
        foreach (var operation in operations) operationBytes += operation.Length;
        var length = MessageEncoding.ReadEnvelopeBytes(operations.Length, operationBytes) + AuthenticatorBytes;
        if (length > _limits.RequestBytesMax)
        {
            throw new ArgumentException($"The read takes {length} bytes; at most {_limits.RequestBytesMax} are allowed.", nameof(operations));
        }

        var envelope = new byte[length];
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(
            ref writer, _cluster, _publicKey, envelope.Length - AuthenticatorBytes - EnvelopeEncoding.SignedBytes(MessageKind.Read), MessageKind.Read);
        MessageEncoding.WriteRead(ref writer, number, operations);
        Finish(envelope, ref writer);
        return new(Client, number, Slices(envelope, operations, MessageEncoding.ReadBodyBytesMin), envelope);
    }

    private Request Seal(SessionId session, long number, ReadOnlySpan<ReadOnlyMemory<byte>> operations)
    {
        if (!MessageEncoding.IsRequestNumber(session == SessionId.None, number))
        {
            throw new ArgumentException($"{number} is not the number of a request.", nameof(number));
        }

        var operationBytes = 0L;
        foreach (var operation in operations) operationBytes += operation.Length;
        var length = MessageEncoding.RequestEnvelopeBytes(operations.Length, operationBytes) + AuthenticatorBytes;
        if (length > _limits.RequestBytesMax)
        {
            throw new ArgumentException($"The request takes {length} bytes; at most {_limits.RequestBytesMax} are allowed.", nameof(operations));
        }

        var envelope = new byte[length];
        var writer = new WireWriter(envelope);
        EnvelopeEncoding.WriteHeader(ref writer, _cluster, _publicKey, envelope.Length - AuthenticatorBytes - EnvelopeEncoding.SignedBytes(MessageKind.Request));
        MessageEncoding.WriteRequest(ref writer, session, number, operations);
        Finish(envelope, ref writer);
        return new(new(Client, session, number), Slices(envelope, operations, MessageEncoding.RequestBodyBytesMin), envelope);
    }

    private void Finish(Span<byte> envelope, ref WireWriter writer)
    {
        var signed = envelope[..writer.Position];
        _signer.Sign(envelope, ref writer, _sessions is null ? SealType.Signature : SealType.SignatureAndMacs);
        _sessions?.WriteAuthenticator(signed, envelope[writer.Position..]);
    }

    private static ImmutableArray<ReadOnlyMemory<byte>> Slices(byte[] envelope, ReadOnlySpan<ReadOnlyMemory<byte>> operations, int bodyBytesMin)
    {
        var slices = new ReadOnlyMemory<byte>[operations.Length];
        var position = EnvelopeEncoding.HeaderBytes(MessageKind.Request) + bodyBytesMin;
        for (var i = 0; i < slices.Length; i++)
        {
            position += MessageEncoding.OperationHeaderBytes;
            slices[i] = envelope.AsMemory(position, operations[i].Length);
            position += operations[i].Length;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(slices);
    }
}
