using System.Collections.Immutable;
using OrleansPbft.Services;

namespace OrleansPbft.Core.Tests;

/// <summary>A replicated key-value store that executes requests without a protocol around it: room for few sessions and few of their results.</summary>
internal sealed class StateUnderTest
{
    public static readonly ProtocolOptions Options =
        new() { Cluster = new(4), SessionsMax = 3, SessionWindow = 4, ResultBytesMax = 16 << 10, SessionReplyBytesMax = 24 << 10, OperationsMax = 100 };

    private readonly Outbox _outbox = new();

    public StateUnderTest(IStateMachine? service = null) => State = new(Options, new(42), service ?? new KeyValueStore());

    public ReplicatedState State { get; }

    public Digest Digest => State.ComputeDigest();

    /// <summary>Executes a batch and returns what was replied, as text.</summary>
    public IReadOnlyList<string> Execute(Batch batch)
    {
        _outbox.Clear();
        State.Execute(State.LastExecuted.Next, batch, View.Initial, new(0), _outbox);
        return [.. _outbox.Effects.ToArray().Select(static effect => Describe(effect.ReplyMessage))];
    }

    public void Execute(IEnumerable<Batch> batches)
    {
        foreach (var batch in batches) Execute(batch);
    }

    /// <summary>Batches of every kind of request: sessions opened, evicted and opened again, windows that move, repeats, entries written and deleted.</summary>
    public static IReadOnlyList<Batch> Load(Random random, int batches, int keys) =>
        [.. Enumerable.Range(0, batches).Select(i => Make.Batch(new(1_000_000 + i), [.. Enumerable.Range(0, random.Next(4)).Select(_ => Request(random, keys))]))];

    /// <summary>One session, and <paramref name="keys"/> entries written through it.</summary>
    public static IReadOnlyList<Batch> Fill(int keys, int valueBytes = 16) =>
    [
        Make.Batch(Make.Noon, Make.Open()),
        .. Enumerable.Range(0, keys).Chunk(100).Select((chunk, i) => Make.Batch(Make.Noon, Make.Request(i + 1) with
        {
            Operations = [.. chunk.Select(key => (ReadOnlyMemory<byte>)KeyValueOperation.Put(Key(key), new byte[valueBytes]))],
        })),
    ];

    public static Batch Write(long number, params int[] keys) => Make.Batch(Make.Noon, Make.Request(number) with
    {
        Operations = [.. keys.Select(static key => (ReadOnlyMemory<byte>)KeyValueOperation.Increment("counter/" + Key(key)))],
    });

    public static string Key(int number) => $"key/{number}";

    private static Request Request(Random random, int keys)
    {
        var client = 1 + random.Next(4);
        if (random.Next(10) == 0) return Make.Open(client, nonce: 1 + random.Next(4));
        var operations = Enumerable.Range(0, random.Next(12)).Select(_ => Operation(random, keys)).ToImmutableArray();
        return new(Make.Id(1 + random.Next(14), 1 + random.Next(6), client), operations, default);
    }

    private static ReadOnlyMemory<byte> Operation(Random random, int keys)
    {
        var key = Key(random.Next(keys));
        var value = new byte[random.Next(8) == 0 ? random.Next(3000) : random.Next(20)];
        random.NextBytes(value);
        return random.Next(8) switch
        {
            0 => KeyValueOperation.Delete(key),
            1 => KeyValueOperation.Get(key),
            2 => KeyValueOperation.Increment(key),
            3 => KeyValueOperation.Range("key/1", limit: 20),
            _ => KeyValueOperation.Put(key, value),
        };
    }

    private static string Describe(Reply reply) => $"{reply.Request} {reply.Session} {reply.Sequence} {reply.Status} {Convert.ToHexString(reply.Results.Span)}";
}
