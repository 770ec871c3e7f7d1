using System.Text;

namespace OrleansPbft.Core.Tests;

/// <summary>Builds messages for tests. Envelopes are stand-ins with unique content: the core never reads them.</summary>
internal static class Make
{
    public static readonly Instant Noon = new(1_700_000_000_000_000);

    public static ClientId Client(int number = 1) => new((UInt128)number);

    public static RequestId Id(long number, long session = 1, int client = 1) => new(Client(client), new SessionId(session), number);

    public static Request Open(int client = 1, long nonce = 7) => new(new(Client(client), SessionId.None, nonce), [], Bytes($"open {client} {nonce}"));

    public static Request Request(long number, long session = 1, int client = 1, params string[] operations)
    {
        if (operations.Length == 0) operations = [$"op {client}/{session}/{number}"];
        return new(
            Id(number, session, client),
            [.. operations.Select(o => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(o))],
            Bytes($"request {client} {session} {number} {string.Join('|', operations)}"));
    }

    public static Read Read(long number, int client = 1, params string[] operations)
    {
        if (operations.Length == 0) operations = ["last"];
        return new(Client(client), number, [.. operations.Select(o => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(o))], Bytes($"read {client} {number}"));
    }

    public static Batch Batch(Instant timestamp, params Request[] requests) => BatchEncoding.Encode(timestamp, [.. requests]);

    public static PrePrepare PrePrepare(long sequence, Batch batch, int sender = 0, long view = 0) =>
        new(new(view), new(sequence), batch, new(sender), Bytes($"pre-prepare {view} {sequence} {batch.Digest}"));

    public static PrePrepare PrePrepare(long sequence, params Request[] requests) =>
        PrePrepare(sequence, Batch(Noon.Plus(TimeSpan.FromMilliseconds(sequence)), requests));

    public static Vote Prepare(PrePrepare proposal, int sender) =>
        new(VotePhase.Prepare, proposal.View, proposal.Sequence, proposal.Digest, new(sender));

    public static Vote Commit(PrePrepare proposal, int sender) =>
        new(VotePhase.Commit, proposal.View, proposal.Sequence, proposal.Digest, new(sender));

    public static Digest Digest(string text) => Core.Digest.Of(Encoding.UTF8.GetBytes(text));

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
