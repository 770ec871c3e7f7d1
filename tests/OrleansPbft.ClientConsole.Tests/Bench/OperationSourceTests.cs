using OrleansPbft.ClientConsole.Bench;
using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Tests.Bench;

public sealed class OperationSourceTests
{
    [Fact]
    public void The_same_seed_and_client_draw_the_same_operations_and_others_draw_others()
    {
        var options = new BenchOptions { Bundle = 20, Reads = 50 };

        Assert.Equal(Draw(options, 3), Draw(options, 3));
        Assert.NotEqual(Draw(options, 3), Draw(options, 4));
        Assert.NotEqual(Draw(options, 3), Draw(options with { Seed = 2 }, 3));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(100, 1000, 1000)]
    [InlineData(30, 250, 350)]
    public void Reads_are_as_many_as_was_asked_and_are_counted(int percent, int least, int most)
    {
        var source = new OperationSource(new() { Bundle = 1000, Reads = percent, Ordered = true }, 0);

        var bundle = source.Next();

        Assert.InRange(source.ReadsInBundle, least, most);
        Assert.Equal(source.ReadsInBundle, bundle.Count(static operation => operation.Span[0] == KeyValueOperation.Get("k")[0]));
    }

    [Fact]
    public void Reads_that_are_not_ordered_come_in_bundles_of_their_own()
    {
        var source = new OperationSource(new() { Bundle = 10, Reads = 30 }, 0);
        var readBundles = 0;

        for (var i = 0; i < 1000; i++)
        {
            source.Next();
            Assert.True(source.ReadsInBundle is 0 or 10);
            Assert.Equal(source.ReadsInBundle == 10, source.IsQuery);
            if (source.IsQuery) readBundles++;
        }

        Assert.InRange(readBundles, 250, 350);
    }

    [Fact]
    public void No_operation_is_longer_than_was_said_and_every_key_is_drawn()
    {
        var source = new OperationSource(new() { Bundle = 1000, Keys = 3, Payload = 100 }, 0);

        var bundle = source.Next();

        Assert.Equal(3, bundle.Select(static operation => Convert.ToHexString(operation.Span)).Distinct().Count());
        Assert.All(bundle, static operation => Assert.InRange(operation.Length, 1, OperationSource.OperationBytesMax(100)));
    }

    private static string[] Draw(BenchOptions options, int client)
    {
        var source = new OperationSource(options, client);
        source.Next();
        return [.. source.Next().Select(static operation => Convert.ToHexString(operation.Span))];
    }
}
