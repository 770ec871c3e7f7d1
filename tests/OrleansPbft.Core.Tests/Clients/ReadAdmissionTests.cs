namespace OrleansPbft.Core.Tests;

/// <summary>C-6: the reads that a replica answers within a stretch of time are bounded and shared fairly.</summary>
public sealed class ReadAdmissionTests
{
    private static readonly ProtocolOptions Options = new() { Cluster = new(4), PendingMax = 16, BusyRetryAfter = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public void From_half_on_no_client_gets_more_than_an_equal_share()
    {
        var admission = new ReadAdmission(Options);

        Assert.Equal(8, Admitted(admission, client: 1, of: 20)); // half, which is all of its share too
        Assert.Equal(4, Admitted(admission, client: 2, of: 20)); // of 8 / 2
        Assert.Equal(2, Admitted(admission, client: 3, of: 20)); // of 8 / 3
        Assert.Equal(2, Admitted(admission, client: 4, of: 20)); // of 8 / 4, and that is all there is
        Assert.Equal(0, Admitted(admission, client: 5, of: 20));
    }

    [Fact]
    public void There_is_room_again_when_the_stretch_is_over()
    {
        var admission = new ReadAdmission(Options);
        for (var client = 1; client <= 16; client++) Admitted(admission, client, of: 1);
        Assert.Equal(0, Admitted(admission, client: 17, of: 1));
        Assert.Equal(0, Admitted(admission, client: 17, of: 1, after: 0.049999));

        Assert.Equal(8, Admitted(admission, client: 17, of: 20, after: 0.05)); // none of the sixteen shares with it
        Assert.Equal(0, Admitted(admission, client: 17, of: 1, after: 0.0999));
    }

    /// <summary>Who read in a stretch that is over shares nothing with those of the next.</summary>
    [Fact]
    public void Clients_of_an_earlier_stretch_are_not_counted()
    {
        var admission = new ReadAdmission(Options);
        for (var client = 1; client <= 16; client++) Admitted(admission, client, of: 1);

        Assert.Equal(3, Admitted(admission, client: 17, of: 3, after: 0.05));
        Assert.Equal(5, Admitted(admission, client: 18, of: 5, after: 0.05));
        Assert.Equal(1, Admitted(admission, client: 17, of: 5, after: 0.05)); // a fourth, of 8 / 2
    }

    /// <summary>Bytes that were answered count as reads do: from half of their bound on they are shared, and at the bound it ends.</summary>
    [Theory]
    [InlineData(999, 8)]
    [InlineData(1000, 5)]
    [InlineData(1999, 5)]
    [InlineData(2000, 0)]
    public void Bytes_answered_are_bounded_and_shared_too(int bytes, int admitted)
    {
        var admission = new ReadAdmission(Options with { PendingBytesMax = 2000, PendingMax = 20 });
        for (var client = 2; client <= 3; client++) Admitted(admission, client, of: 1);
        admission.OnAnswered(bytes - 1);
        admission.OnAnswered(1);

        var first = Admitted(admission, client: 1, of: 8);

        Assert.Equal(bytes switch { < 1000 => 8, < 2000 => 10 / 3, _ => 0 }, first);
        Assert.Equal(admitted, first + (bytes is >= 1000 and < 2000 ? Admitted(admission, client: 4, of: 8) : 0));
        Assert.Equal(8, Admitted(admission, client: 1, of: 8, after: 0.05)); // and are forgotten when the stretch is over
    }

    private static int Admitted(ReadAdmission admission, int client, int of, double after = 0) =>
        Enumerable.Range(0, of).Count(_ => admission.TryAdmit(Make.Client(client), Make.Noon.Plus(TimeSpan.FromSeconds(after))));
}
