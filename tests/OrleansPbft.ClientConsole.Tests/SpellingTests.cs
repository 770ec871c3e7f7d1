namespace OrleansPbft.ClientConsole.Tests;

public sealed class SpellingTests
{
    [Theory]
    [InlineData("stauts", "status")]
    [InlineData("STATUS", "status")]
    [InlineData("pt", "put")]
    [InlineData("lsit", "list")]
    [InlineData("simulat", "simulate")]
    [InlineData("--endpiont", "--endpoint")]
    [InlineData("frob", null)]
    [InlineData("a", null)]
    [InlineData("", null)]
    [InlineData("put", null)]
    public void The_nearest_known_word_is_found_if_it_is_near(string written, string? nearest) =>
        Assert.Equal(nearest, Spelling.Nearest(written, ["put", "list", "status", "simulate", "--endpoint"]));

    [Fact]
    public void What_nobody_can_have_meant_takes_no_time_to_compare() => Assert.Null(Spelling.Nearest(new('x', 1 << 20), ["put"]));

    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "acb", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("put", "get", 2)]
    public void Distance_counts_letters_put_in_taken_out_changed_and_swapped(string left, string right, int distance)
    {
        Assert.Equal(distance, Spelling.Distance(left, right));
        Assert.Equal(distance, Spelling.Distance(right, left));
    }
}
