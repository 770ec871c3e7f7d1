using OrleansPbft.Core;

namespace OrleansPbft.Simulation;

/// <summary>The one clock and the one order of events: what is due at the same instant happens in the order it was planned.</summary>
internal sealed class VirtualTime
{
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private long _planned;

    /// <summary>Now: at first an arbitrary morning, the same in every run.</summary>
    public Instant Now { get; private set; } = Start;

    public static Instant Start { get; } = new(1_700_000_000_000_000);

    /// <summary>How long the simulation has lasted, in its own time.</summary>
    public TimeSpan Elapsed => Now.Since(Start);

    /// <summary>How many events have happened.</summary>
    public long Events { get; private set; }

    public void After(TimeSpan delay, Action happening) => At(Now.Plus(delay), happening);

    public void At(Instant instant, Action happening)
    {
        if (instant < Now) instant = Now;
        _events.Enqueue(happening, (instant.Microseconds, _planned++));
    }

    /// <summary>Lets the next event happen when it is due by <paramref name="until"/>; false, and it is then <paramref name="until"/>, when none is.</summary>
    public bool RunNext(Instant until)
    {
        if (!_events.TryPeek(out var happening, out var due) || due.At > until.Microseconds)
        {
            if (until > Now) Now = until;
            return false;
        }

        _events.Dequeue();
        Now = new(due.At);
        Events++;
        happening();
        return true;
    }
}
