using Auction;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansPbft.Client;
using OrleansPbft.Grains;

// Four replicas of the auction house in this process.
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.UseOrleans(silo => silo.UseLocalhostClustering().AddPbft(options => options.Service = "Auction"));
builder.Services.AddPbftService("Auction", static _ => new AuctionHouse());
using var host = builder.Build();
await host.StartAsync();

// Two bidders, each with a key and a session of its own.
var grains = host.Services.GetRequiredService<IGrainFactory>();
IPbftClient ada = grains.GetPbftClient("Ada"), bob = grains.GetPbftClient("Bob");
await BidAsync("Ada", ada, new("lamp", 1_500));
await BidAsync("Bob", bob, new("lamp", 2_000));
await BidAsync("Ada", ada, new("lamp", 1_900));
await BidAsync("Bob", bob, new("lamp", -1));
await host.StopAsync();

static async Task BidAsync(string name, IPbftClient client, Bid bid)
{
    var outcome = await client.SubmitAsync([AuctionHouse.Encode(bid)]);
    try
    {
        var standing = AuctionHouse.Decode(PbftOperationException.ThrowUnlessDone(outcome.Results[0]).Span)!;
        Console.WriteLine($"{name} bids {bid.Amount}: {(standing.Accepted ? "accepted" : $"too low, {standing.Highest} is bid")} (agreed by replicas {outcome.Replicas})");
    }
    catch (PbftOperationException refused)
    {
        Console.WriteLine($"{name} bids {bid.Amount}: {refused.Message} (agreed by replicas {outcome.Replicas})");
    }
}
