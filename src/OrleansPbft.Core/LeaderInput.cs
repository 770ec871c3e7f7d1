namespace OrleansPbft.Core;

/// <summary>What can happen to a <see cref="Leader"/>.</summary>
public enum LeaderInputKind : byte
{
    /// <summary>Nothing; never a valid input.</summary>
    None = 0,

    /// <summary>The replica hands over a request to order.</summary>
    Order,

    /// <summary>The replica tells where it stands.</summary>
    Update,

    /// <summary>Time passed.</summary>
    Tick,
}

/// <summary>One input of a leader's step. All come from its own replica.</summary>
public readonly struct LeaderInput
{
    private readonly object? _subject;

    private LeaderInput(LeaderInputKind kind, object? subject)
    {
        Kind = kind;
        _subject = subject;
    }

    /// <summary>What happened.</summary>
    public LeaderInputKind Kind { get; }

    /// <summary>Time passed.</summary>
    public static LeaderInput Tick => new(LeaderInputKind.Tick, null);

    /// <summary>The request; only of kind <see cref="LeaderInputKind.Order"/>.</summary>
    public Request Request => (Request)_subject!;

    /// <summary>The update; only of kind <see cref="LeaderInputKind.Update"/>.</summary>
    public LeaderUpdate Update => (LeaderUpdate)_subject!;

    /// <summary>A request to order.</summary>
    public static LeaderInput Of(Request request) => new(LeaderInputKind.Order, request);

    /// <summary>Where the replica stands.</summary>
    public static LeaderInput Of(LeaderUpdate update) => new(LeaderInputKind.Update, update);
}
