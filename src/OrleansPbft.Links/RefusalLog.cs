using OrleansPbft.Core;

namespace OrleansPbft.Links;

/// <summary>Keeps refusals from flooding the log: each reason of each peer is said once in a while, with how often it was not. Thread-safe, and bounded.</summary>
internal sealed class RefusalLog(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(int Peer, LinkRefusal Reason), (long At, long Unsaid)> _said = []; // gate; peers and reasons are few

    /// <summary>Whether to say it now, and how many like it were not said since the last.</summary>
    /// <param name="peer">Who the peer says it is; null when it says nothing that can be.</param>
    /// <param name="reason">Why it is refused.</param>
    /// <param name="unsaid">How many were not said.</param>
    public bool MaySay(ReplicaId? peer, LinkRefusal reason, out long unsaid)
    {
        var key = (peer?.Index ?? -1, reason);
        lock (_gate)
        {
            unsaid = 0;
            if (_said.TryGetValue(key, out var last))
            {
                if (time.GetElapsedTime(last.At) < Interval)
                {
                    _said[key] = (last.At, last.Unsaid + 1);
                    return false;
                }

                unsaid = last.Unsaid;
            }

            _said[key] = (time.GetTimestamp(), 0);
            return true;
        }
    }

    /// <summary>The peer's link was taken: what it is refused for next is news.</summary>
    public void Forget(ReplicaId peer)
    {
        lock (_gate)
        {
            foreach (var reason in Enum.GetValues<LinkRefusal>()) _said.Remove((peer.Index, reason));
        }
    }
}
