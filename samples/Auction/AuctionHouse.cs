using OrleansPbft.Core;
using OrleansPbft.Services;

namespace Auction;

/// <summary>What bidders ask: the highest bid on a lot wins until the lot closes, a time after its first bid.</summary>
/// <param name="Lot">What is bid on.</param>
/// <param name="Amount">The bid, in cents; above the highest so far.</param>
public sealed record Bid(string Lot, long Amount);

/// <summary>How a lot stands after a bid.</summary>
/// <param name="Accepted">Whether the bid is the highest now.</param>
/// <param name="Highest">The highest bid, in cents.</param>
/// <param name="Bidder">Who made it.</param>
public sealed record Standing(bool Accepted, long Highest, string Bidder);

/// <summary>The replicated service. Everything it knows is in its state, and all it may know beside that is in the context: so all replicas agree.</summary>
public sealed class AuctionHouse : StateMachine<Bid, Standing>
{
    private static readonly TimeSpan OpenFor = TimeSpan.FromMinutes(5);

    private sealed record Lot(long Highest, string Bidder, long ClosesAt);

    /// <inheritdoc/>
    public override string Name => "Auction/1";

    /// <inheritdoc/>
    protected override Standing Apply(Bid command, ServiceState state, in OperationContext context)
    {
        if (command.Amount <= 0) throw new OperationRejectedException("A bid is more than nothing."); // the same answer from every replica
        var lot = state.Get<Lot>(command.Lot) ?? new(0, "", context.Timestamp.Plus(OpenFor).Microseconds);
        var isOpen = context.Timestamp.Microseconds < lot.ClosesAt; // the agreed time, not this machine's
        if (!isOpen || command.Amount <= lot.Highest) return new(false, lot.Highest, lot.Bidder);

        lot = lot with { Highest = command.Amount, Bidder = context.Client.ToString() };
        state.Put(command.Lot, lot);
        return new(true, lot.Highest, lot.Bidder);
    }
}
