namespace OrleansPbft.Faults.Tests;

/// <summary>A seed must mean the same run on every runtime.</summary>
public sealed class PrngTests
{
    /// <summary>xoshiro256** over SplitMix64(1), computed independently.</summary>
    [Fact]
    public void The_sequence_of_a_seed_is_fixed()
    {
        var random = new Prng(1);

        Assert.Equal([0xB3F2AF6D0FC710C5UL, 0x853B559647364CEAUL, 0x92F89756082A4514UL], new[] { random.Next(), random.Next(), random.Next() });
    }

    [Fact]
    public void A_range_includes_both_ends_and_nothing_else()
    {
        var random = new Prng(2);

        var drawn = Enumerable.Range(0, 1000).Select(_ => random.Between(-2, 3)).ToHashSet();

        Assert.Equal([-2, -1, 0, 1, 2, 3], drawn.Order());
    }
}
