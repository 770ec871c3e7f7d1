using System.Numerics;

namespace OrleansPbft.Core;

/// <summary>A set of replicas as 64 bits. Adding one twice counts once, which is what makes it the type votes are counted in.</summary>
/// <param name="Bits">Bit i is replica i.</param>
public readonly record struct ReplicaSet(ulong Bits)
{
    /// <summary>No replica.</summary>
    public static ReplicaSet Empty => default;

    /// <summary>How many replicas are in it.</summary>
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>Replicas 0 .. <paramref name="count"/> - 1.</summary>
    public static ReplicaSet FirstN(int count) => new(count == 64 ? ulong.MaxValue : (1UL << count) - 1);

    /// <summary>This set and <paramref name="replica"/>.</summary>
    public ReplicaSet With(ReplicaId replica) => new(Bits | (1UL << replica.Index));

    /// <summary>This set without <paramref name="replica"/>.</summary>
    public ReplicaSet Without(ReplicaId replica) => new(Bits & ~(1UL << replica.Index));

    /// <summary>This set without those of <paramref name="others"/>.</summary>
    public ReplicaSet Except(ReplicaSet others) => new(Bits & ~others.Bits);

    /// <summary>Whether <paramref name="replica"/> is in it.</summary>
    public bool Contains(ReplicaId replica) => (Bits & (1UL << replica.Index)) != 0;

    /// <summary>The members in ascending order.</summary>
    public Enumerator GetEnumerator() => new(Bits);

    /// <summary>The members' indexes in ascending order.</summary>
    public int[] ToIndexes()
    {
        var indexes = new int[Count];
        var next = 0;
        foreach (var replica in this) indexes[next++] = replica.Index;
        return indexes;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{{{string.Join(",", ToIndexes())}}}";

    /// <summary>Walks a set without allocating.</summary>
    public struct Enumerator(ulong bits)
    {
        private ulong _rest = bits;

        /// <summary>The member last moved to.</summary>
        public ReplicaId Current { get; private set; }

        /// <summary>Moves to the next member.</summary>
        public bool MoveNext()
        {
            if (_rest == 0) return false;
            Current = new(BitOperations.TrailingZeroCount(_rest));
            _rest &= _rest - 1;
            return true;
        }
    }
}
