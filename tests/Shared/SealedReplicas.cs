using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Tests;

/// <summary>Four replicas that say whatever a test wants, properly signed. Their secrets are 1, 2, 3, 4.</summary>
internal sealed class SealedReplicas : IDisposable
{
    public const string Service = "KeyValueStore/1";

    private readonly ImmutableArray<KeyPair> _keys;
    private readonly ImmutableArray<ReplicaSealer> _sealers;

    public SealedReplicas(int firstSecret = 1, int window = 4)
    {
        _keys = [.. Enumerable.Range(firstSecret, 4).Select(KeyOf)];
        Options = new()
        {
            Cluster = new(4),
            SessionWindow = window,
            OperationsMax = 8,
            RequestBytesMax = 4096,
            ResultBytesMax = 2048,
            BatchBytesMax = 8192,
        };
        Cluster = new(
            new Membership([.. _keys.Select(static key => key.PublicKey)], ClusterParameters.DigestOf(Service, Options)), Options, Service);
        _sealers = [.. Enumerable.Range(0, 4).Select(i => new ReplicaSealer(Cluster.Id, new(i), _keys[i]))];
    }

    public ProtocolOptions Options { get; }

    public ClusterInfo Cluster { get; }

    public static KeyPair KeyOf(int secret)
    {
        var bytes = new byte[KeyPair.SecretBytes];
        bytes[^1] = (byte)secret;
        return KeyPair.FromSecret(bytes);
    }

    /// <summary>A sealed reply of replica <paramref name="i"/>; <paramref name="key"/> signs, its own when not given.</summary>
    public byte[] Seal(
        int i, RequestId request, ReplyStatus status, byte[]? results = null, long sequence = 7, long view = 0, long session = 1, int? key = null)
    {
        var reply = new Reply(
            new(view), request, request.Session == SessionId.None ? new(session) : request.Session, new(sequence), status, results, new(i));
        var sealer = key is null ? _sealers[i] : new ReplicaSealer(Cluster.Id, new(i), _keys[key.Value]);
        return sealer.SealReplies([reply])[0];
    }

    /// <summary>A sealed reply of replica <paramref name="i"/> to a read.</summary>
    public byte[] SealRead(
        int i, ClientId client, long number, byte[]? results = null, long executed = 7, long? prepared = null, ReadStatus status = ReadStatus.Answered, long view = 0) =>
        _sealers[i].SealReplies([], [new(new(view), client, number, new(executed), new(prepared ?? executed), status, results, new(i))])[0];

    /// <summary>Replies to several requests under one signature of replica <paramref name="i"/>.</summary>
    public byte[][] SealTogether(int i, params ReadOnlySpan<RequestId> requests)
    {
        var replies = new Reply[requests.Length];
        for (var k = 0; k < replies.Length; k++)
        {
            replies[k] = new(new(0), requests[k], requests[k].Session, new(7), ReplyStatus.Executed, Results("r"), new(i));
        }

        return _sealers[i].SealReplies(replies);
    }

    /// <summary>The encoding of results that are all done.</summary>
    public static byte[] Results(params string[] data)
    {
        var bytes = new List<byte>();
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32LittleEndian(length, data.Length);
        bytes.AddRange(length);
        foreach (var result in data)
        {
            bytes.Add((byte)OperationStatus.Done);
            BinaryPrimitives.WriteInt32LittleEndian(length, Encoding.UTF8.GetByteCount(result));
            bytes.AddRange(length);
            bytes.AddRange(Encoding.UTF8.GetBytes(result));
        }

        return [.. bytes];
    }

    public void Dispose()
    {
        foreach (var key in _keys) key.Dispose();
    }
}
