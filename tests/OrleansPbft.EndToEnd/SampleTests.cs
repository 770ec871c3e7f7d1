using System.Text.RegularExpressions;

namespace OrleansPbft.EndToEnd;

/// <summary>The samples do what they show.</summary>
public sealed partial class SampleTests
{
    [Fact]
    public async Task An_auction_house_of_four_replicas_takes_bids()
    {
        await using var auction = ProgramProcess.Start("Auction", []);

        Assert.Equal(0, await auction.ExitAsync());
        Assert.Equal(
            """
            Ada bids 1500: accepted (agreed by replicas {})
            Bob bids 2000: accepted (agreed by replicas {})
            Ada bids 1900: too low, 2000 is bid (agreed by replicas {})
            Bob bids -1: A bid is more than nothing. (agreed by replicas {})

            """,
            Replicas().Replace(auction.Output, "{}"),
            ignoreLineEndingDifferences: true);
    }

    [GeneratedRegex(@"\{\d(,\d)+\}")]
    private static partial Regex Replicas();
}
