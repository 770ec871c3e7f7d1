using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>What a replica keeps of its own life and of those of its peers (rule D-5, ADR 0014).</summary>
/// <remarks>A life is what one journal remembers. Its number is drawn when it begins.</remarks>
/// <param name="Own">The number of its own life; 0 where none was drawn.</param>
/// <param name="Stage">What it knows of its own past.</param>
/// <param name="Known">Of each replica, the first life that this one heard of; 0 where it heard of none.</param>
public sealed record ReplicaLives(long Own, LifeStage Stage, ImmutableArray<long> Known)
{
    /// <summary>Bytes of its encoding: stage (u8) ‖ own (i64) ‖ one i64 for each replica.</summary>
    public int EncodedBytes => sizeof(byte) + ((1 + Known.Length) * sizeof(long));

    /// <summary>Writes it.</summary>
    public void Write(ref WireWriter writer)
    {
        writer.WriteByte((byte)Stage);
        writer.WriteInt64(Own);
        foreach (var life in Known) writer.WriteInt64(life);
    }

    /// <summary>Reads what <see cref="Write"/> wrote, to the end of <paramref name="encoded"/>; null where it is nothing that was ever written.</summary>
    public static ReplicaLives? Read(ReadOnlyMemory<byte> encoded)
    {
        var reader = new WireReader(encoded);
        if (!reader.TryReadByte(out var stage) || (LifeStage)stage > LifeStage.Returned || !reader.TryReadInt64(out var own) || own < 0) return null;
        var known = ImmutableArray.CreateBuilder<long>();
        while (reader.TryReadInt64(out var life))
        {
            if (life < 0) return null;
            known.Add(life);
        }

        return reader.Remaining == 0 && known.Count <= ClusterSize.ReplicasMax ? new(own, (LifeStage)stage, known.ToImmutable()) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"life {Own}, {Stage}, {Known.Count(static life => life != 0)} others known";
}
