using System.Buffers.Binary;
using System.Text;
using OrleansPbft.Services;

namespace OrleansPbft.Simulation;

/// <summary>Draws operations on few keys, so that clients get in each other's way.</summary>
internal sealed class Workload(Prng random, int valueBytesMax)
{
    /// <summary>All the keys.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["k1", "k2", "k3", "k4"];

    /// <summary>The operations of one request.</summary>
    public ReadOnlyMemory<byte>[] Draw(int operationsMax)
    {
        var operations = new ReadOnlyMemory<byte>[random.Between(1, operationsMax)];
        for (var i = 0; i < operations.Length; i++) operations[i] = Encode(DrawOne());
        return operations;
    }

    /// <summary>The operations of one read.</summary>
    public ReadOnlyMemory<byte>[] DrawRead(int operationsMax)
    {
        var operations = new ReadOnlyMemory<byte>[random.Between(1, operationsMax)];
        for (var i = 0; i < operations.Length; i++) operations[i] = Encode(new(WorkloadOperationKind.Get, Keys[random.Between(1, Keys.Count) - 1]));
        return operations;
    }

    public static byte[] Encode(WorkloadOperation operation) => operation.Kind switch
    {
        WorkloadOperationKind.Get => KeyValueOperation.Get(operation.Key),
        WorkloadOperationKind.Put => KeyValueOperation.Put(operation.Key, Encoding.UTF8.GetBytes(operation.Value), operation.IfVersion),
        WorkloadOperationKind.Delete => KeyValueOperation.Delete(operation.Key),
        WorkloadOperationKind.Increment => KeyValueOperation.Increment(operation.Key, operation.By),
        _ => [0xFF, .. Encoding.UTF8.GetBytes(operation.Key)],
    };

    /// <summary>What an encoded operation means: a second reader of docs/wire-format.md, independent of the store's.</summary>
    public static WorkloadOperation Describe(ReadOnlySpan<byte> operation)
    {
        var nonsense = new WorkloadOperation(WorkloadOperationKind.Nonsense);
        if (operation.Length < 3 || operation[0] is < 1 or > 4) return nonsense;
        var kind = (WorkloadOperationKind)operation[0];
        var keyLength = BinaryPrimitives.ReadUInt16LittleEndian(operation[1..]);
        if (operation.Length < 3 + keyLength) return nonsense;
        var key = Encoding.UTF8.GetString(operation.Slice(3, keyLength));
        var rest = operation[(3 + keyLength)..];
        return kind switch
        {
            WorkloadOperationKind.Increment => new(kind, key, By: BinaryPrimitives.ReadInt64LittleEndian(rest)),
            WorkloadOperationKind.Put => new(
                kind, key, Encoding.UTF8.GetString(rest[13..]), IfVersion: rest[0] == 1 ? BinaryPrimitives.ReadInt64LittleEndian(rest[1..]) : null),
            _ => new(kind, key),
        };
    }

    private WorkloadOperation DrawOne()
    {
        var key = Keys[random.Between(1, Keys.Count) - 1];
        return random.Between(0, 19) switch
        {
            < 8 => new(WorkloadOperationKind.Increment, key, By: random.Between(-3, 10)),
            < 11 => new(WorkloadOperationKind.Put, key, new string((char)('a' + random.Between(0, 25)), random.Between(0, valueBytesMax))),
            < 13 => new(WorkloadOperationKind.Put, key, $"{random.Between(0, 999)}", IfVersion: random.Between(0, 20)),
            < 14 => new(WorkloadOperationKind.Put, key, $"{random.Between(0, 999)}"),
            < 16 => new(WorkloadOperationKind.Delete, key),
            < 19 => new(WorkloadOperationKind.Get, key),
            _ => new(WorkloadOperationKind.Nonsense, key),
        };
    }
}
