using System.Collections.Immutable;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>Four replicas and a client whose secrets are 1, 2, 3 ...: the keys of docs/wire-format.md.</summary>
internal sealed class TestCluster : IDisposable
{
    public const int ClientSecret = 101;

    public static readonly ReplicaId R0 = new(0);
    public static readonly ReplicaId R1 = new(1);
    public static readonly SessionId Session = new(7);

    public TestCluster(int firstSecret = 1)
    {
        Keys = [.. Enumerable.Range(firstSecret, 4).Select(KeyOf)];
        ClientKey = KeyOf(ClientSecret);
        Membership = new([.. Keys.Select(key => key.PublicKey)]);
        Client = new(Membership.Id, ClientKey, Limits);
    }

    public static ProtocolOptions Options { get; } = new()
    {
        Cluster = new(4),
        BatchMax = 8,
        BatchBytesMax = 8192,
        OperationsMax = 16,
        RequestBytesMax = 4096,
        ResultBytesMax = 2048,
    };

    public static WireLimits Limits { get; } = new(Options);

    public ImmutableArray<KeyPair> Keys { get; }

    public KeyPair ClientKey { get; }

    public Membership Membership { get; }

    public ClientSealer Client { get; }

    public static KeyPair KeyOf(int secret)
    {
        var bytes = new byte[KeyPair.SecretBytes];
        bytes[^1] = (byte)secret;
        return KeyPair.FromSecret(bytes);
    }

    /// <summary>An opener that remembers nothing, so that every signature is really verified.</summary>
    public EnvelopeOpener Opener(ClientAccess? access = null) => new(Membership, Options, new SignatureVerifier(new()), access);

    public ReplicaSealer Sealer(ReplicaId replica, int? key = null) => new(Membership.Id, replica, Keys[key ?? replica.Index]);

    public Request Request(long number = 3, params string[] operations) =>
        Client.SealRequest(Session, number, [.. (operations.Length == 0 ? ["put a 1", ""] : operations).Select(Bytes)]);

    public static PrePrepare Proposal(params Request[] requests) =>
        new(new(0), new(5), BatchEncoding.Encode(new(1_700_000_000_000_000), [.. requests]), R0);

    public Reply Reply(long number = 3, int results = 9, ReplicaId sender = default, long keyEpoch = 0) =>
        new(new(2), new(Client.Client, Session, number), Session, new(5), ReplyStatus.Executed, new byte[results], sender) { KeyEpoch = keyEpoch };

    public ReadReply ReadReply(long number = 3, int results = 9, ReplicaId sender = default, long keyEpoch = 0) =>
        new(new(2), Client.Client, number, new(5), new(6), ReadStatus.Answered, new byte[results], sender) { KeyEpoch = keyEpoch };

    public static ReadOnlyMemory<byte> Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public void Dispose()
    {
        foreach (var key in Keys) key.Dispose();
        ClientKey.Dispose();
    }
}
