namespace OrleansPbft.Client;

/// <summary>How a <see cref="PbftClient"/> behaves.</summary>
public sealed record PbftClientOptions
{
    /// <summary>How long a request may take in all, waiting for its turn included, before it is given up.</summary>
    /// <value>10 s by default; above 0 and at most 1 h, or <see cref="Timeout.InfiniteTimeSpan"/> for ever. A call may bring its own.</value>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the first wait for f + 1 equal replies is, before the request goes to all replicas (rule C-4).</summary>
    /// <value>500 ms by default; above 0. Below the replicas' own request time-out, so that a lost message is no suspicion, and far below it, so
    /// that the replicas' timers start soon when the primary is silent.</value>
    public TimeSpan RetransmitAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits double up to this.</summary>
    /// <value>8 s by default; at least <see cref="RetransmitAfter"/>.</value>
    public TimeSpan RetransmitAfterMax { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How many requests may wait for a place in the session's window; one more is refused at once.</summary>
    /// <value>16384 by default; 1 or more.</value>
    public int WaitingMax { get; init; } = 16_384;

    /// <summary>After so long without a request a new session is opened for the next one: the cluster evicts the sessions that are
    /// idle longest (rule C-2), and a request sent in one that is gone ends in <see cref="PbftSessionLostException"/>.</summary>
    /// <value>1 min by default; above 0.</value>
    public TimeSpan SessionIdleMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Sees what is sent, and every single reply.</summary>
    /// <value>Nobody by default.</value>
    public IClientObserver? Observer { get; init; }

    /// <summary>Every contradiction in these options, as sentences for the person who set them; empty when there is none.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        Require(
            RequestTimeout == Timeout.InfiniteTimeSpan || (RequestTimeout > TimeSpan.Zero && RequestTimeout <= TimeSpan.FromHours(1)),
            $"RequestTimeout ({RequestTimeout}) must be above 0 and at most 1 h, or infinite.");
        Require(RetransmitAfter > TimeSpan.Zero, $"RetransmitAfter ({RetransmitAfter}) must be above 0.");
        Require(
            RetransmitAfterMax >= RetransmitAfter && RetransmitAfterMax <= TimeSpan.FromHours(1),
            $"RetransmitAfterMax ({RetransmitAfterMax}) must be at least RetransmitAfter ({RetransmitAfter}), and at most 1 h.");
        Require(WaitingMax >= 1, $"WaitingMax ({WaitingMax}) must be 1 or more.");
        Require(SessionIdleMax > TimeSpan.Zero, $"SessionIdleMax ({SessionIdleMax}) must be above 0.");
        return problems;

        void Require(bool holds, string problem)
        {
            if (!holds) problems.Add(problem);
        }
    }
}
