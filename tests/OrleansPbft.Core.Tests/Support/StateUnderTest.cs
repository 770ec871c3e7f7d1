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
    /// <param name="random">Draws them.</param>
    /// <param name="batches">How many.</param>
    /// <param name="keys">How many keys they use.</param>
    /// <param name="from">How many batches of a load there were before, so that this one goes on with their sessions.</param>
    public static IReadOnlyList<Batch> Load(Random random, int batches, int keys, int from = 0)
    {
        Request[] opening = [Make.Open(1, nonce: 1), Make.Open(2, nonce: 1)];
        return
        [
            .. from == 0 ? [Make.Batch(new(1_000_000), opening)] : Array.Empty<Batch>(),
            .. Enumerable.Range(from, batches).Select(i =>
                Make.Batch(new(1_000_001 + i), [.. Enumerable.Range(0, random.Next(4)).Select(_ => Request(random, keys, 1 + (i / 8)))])),
        ];
    }

    /// <summary>One session, and <paramref name="keys"/> entries written through it.</summary>
    public static IReadOnlyList<Batch> Fill(int keys, int valueBytes = 16) =>
    [
        Make.Batch(Make.Noon, Make.Open()),
        .. Enumerable.Range(0, keys).Chunk(100).Select((chunk, i) =>
            Make.Batch(Make.Noon, Write(i + 1, [.. chunk.Select(key => KeyValueOperation.Put(Key(key), new byte[valueBytes]))]))),
    ];

    /// <summary>One request of that session, which adds to counters.</summary>
    public static Batch Count(long number, params int[] keys) =>
        Make.Batch(Make.Noon, Write(number, [.. keys.Select(static key => KeyValueOperation.Increment("counter/" + Key(key)))]));

    /// <summary>One request of that session.</summary>
    public static Request Write(long number, params byte[][] operations) =>
        new(Make.Id(number), [.. operations.Select(static o => (ReadOnlyMemory<byte>)o)], default);

    public static string Key(int number) => $"key/{number}";

    private static Request Request(Random random, int keys, int number)
    {
        var client = 1 + random.Next(2);
        if (random.Next(40) == 0) return Make.Open(client, nonce: 1 + random.Next(4));
        var operations = Enumerable.Range(0, random.Next(12)).Select(_ => Operation(random, keys)).ToImmutableArray();
        return new(Make.Id(number + random.Next(8), 1 + random.Next(4), client), operations, default);
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
