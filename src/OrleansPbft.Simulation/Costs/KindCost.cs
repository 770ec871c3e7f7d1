namespace OrleansPbft.Simulation.Costs;

/// <summary>What messages of one kind cost.</summary>
/// <param name="Messages">How many were sent; a broadcast to n - 1 replicas is n - 1 of them.</param>
/// <param name="Bytes">How many bytes they took.</param>
/// <param name="Signatures">How many signatures were made for them; one that is under many messages is one.</param>
/// <param name="Macs">How many MACs were made for them.</param>
public readonly record struct KindCost(long Messages, long Bytes, long Signatures, long Macs)
{
    /// <summary>Both together.</summary>
    public static KindCost operator +(KindCost left, KindCost right) => Add(left, right);

    /// <summary>So many times the same.</summary>
    public static KindCost operator *(KindCost one, long times) => Multiply(one, times);

    /// <summary>Both together.</summary>
    public static KindCost Add(KindCost left, KindCost right) =>
        new(left.Messages + right.Messages, left.Bytes + right.Bytes, left.Signatures + right.Signatures, left.Macs + right.Macs);

    /// <summary>So many times the same.</summary>
    public static KindCost Multiply(KindCost one, long times) => new(one.Messages * times, one.Bytes * times, one.Signatures * times, one.Macs * times);

    /// <summary>All together.</summary>
    public static KindCost Sum(IEnumerable<KindCost> all)
    {
        ArgumentNullException.ThrowIfNull(all);
        return all.Aggregate(default(KindCost), static (sum, one) => sum + one);
    }
}
