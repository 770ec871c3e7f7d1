namespace OrleansPbft.Links;

/// <summary>What a client port puts up with. Together they bound what strangers can make a silo keep.</summary>
public sealed class ClientPortOptions
{
    /// <summary>How many connections there may be at a time; one more is refused with 503.</summary>
    /// <value>512 by default; 1 or more.</value>
    public int ConnectionsMax { get; set; } = 512;

    /// <summary>How many clients may get their replies over one connection; one more displaces the one that came first.</summary>
    /// <value>256 by default; 1 or more.</value>
    public int ClientsPerConnectionMax { get; set; } = 256;

    /// <summary>The most bytes one message may have; a longer one closes the connection.</summary>
    /// <value>1 MiB by default; at least the cluster's RequestBytesMax and the header of a frame.</value>
    public int MessageBytesMax { get; set; } = 1 << 20;

    /// <summary>The most bytes of replies that wait for one connection; beyond it the oldest are dropped.</summary>
    /// <value>2 MiB by default; 64 KiB or more.</value>
    public int ReplyBytesMax { get; set; } = 2 << 20;

    /// <summary>How large a message is packed when many replies wait.</summary>
    /// <value>64 KiB by default; 1 KiB to 1 MiB.</value>
    public int PackedBytes { get; set; } = 64 << 10;

    /// <summary>How long a connection may take for its first authentic request.</summary>
    /// <value>10 s by default; above 0.</value>
    public TimeSpan FirstRequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be without an authentic request after that. Clients connect again when they have one.</summary>
    /// <value>5 min by default; above 0.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a message may take from its first part to its last.</summary>
    /// <value>10 s by default; above 0.</value>
    public TimeSpan MessageTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may leave replies unread, or a ping unanswered, before its connection is cut.</summary>
    /// <value>15 s by default; above 0.</value>
    public TimeSpan SilenceMax { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a good-bye may stay unanswered.</summary>
    /// <value>2 s by default; above 0.</value>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many envelopes of one connection may be rejected before it is closed.</summary>
    /// <value>64 by default; 0 or more.</value>
    public int RejectsMax { get; set; } = 64;

    /// <summary>How many rejected envelopes of all connections together are looked at in a second; who sends one more is not read until there is room for it.</summary>
    /// <value>200 by default; 1 or more. Each takes as long as a true one, about 0.1 ms.</value>
    public int RejectsPerSecondMax { get; set; } = 200;

    /// <summary>How many requests that are refused, as Busy or outside of their session's window, or were sent before, one client may send over one
    /// connection in a second; what it sends beyond is not looked at. A client that waits as it is told stays far below.</summary>
    /// <value>200 by default; 1 or more.</value>
    public int RefusalsPerSecondMax { get; set; } = 200;

    /// <summary>How many sessions one client may open over one connection in a second; what would open more is not looked at. A session is good for any number
    /// of requests.</summary>
    /// <value>200 by default; 1 or more.</value>
    public int SessionsPerSecondMax { get; set; } = 200;

    /// <summary>How many connections of one address may have to be ended in a second, for what no correct client sends, before its next ones wait: each until
    /// the address has paid for those before, at most 10 s.</summary>
    /// <value>10 by default; 1 or more.</value>
    public int OffencesPerSecondMax { get; set; } = 10;

    /// <summary>Every contradiction in these options, as sentences for the person who set them; empty when there is none.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        Require(ConnectionsMax >= 1, $"ClientPort:ConnectionsMax ({ConnectionsMax}) must be 1 or more.");
        Require(ClientsPerConnectionMax >= 1, $"ClientPort:ClientsPerConnectionMax ({ClientsPerConnectionMax}) must be 1 or more.");
        Require(MessageBytesMax is >= 1024 and <= (128 << 20), $"ClientPort:MessageBytesMax ({MessageBytesMax}) must be 1024 to 134217728.");
        Require(ReplyBytesMax >= 64 << 10, $"ClientPort:ReplyBytesMax ({ReplyBytesMax}) must be 65536 or more.");
        Require(PackedBytes is >= 1024 and <= (1 << 20), $"ClientPort:PackedBytes ({PackedBytes}) must be 1024 to 1048576.");
        Require(RejectsMax >= 0, $"ClientPort:RejectsMax ({RejectsMax}) must be 0 or more.");
        Require(RejectsPerSecondMax >= 1, $"ClientPort:RejectsPerSecondMax ({RejectsPerSecondMax}) must be 1 or more.");
        Require(RefusalsPerSecondMax >= 1, $"ClientPort:RefusalsPerSecondMax ({RefusalsPerSecondMax}) must be 1 or more.");
        Require(SessionsPerSecondMax >= 1, $"ClientPort:SessionsPerSecondMax ({SessionsPerSecondMax}) must be 1 or more.");
        Require(OffencesPerSecondMax >= 1, $"ClientPort:OffencesPerSecondMax ({OffencesPerSecondMax}) must be 1 or more.");
        RequireTime(FirstRequestTimeout, nameof(FirstRequestTimeout));
        RequireTime(IdleTimeout, nameof(IdleTimeout));
        RequireTime(MessageTimeout, nameof(MessageTimeout));
        RequireTime(SilenceMax, nameof(SilenceMax));
        RequireTime(CloseTimeout, nameof(CloseTimeout));
        return problems;

        void RequireTime(TimeSpan value, string name) =>
            Require(value > TimeSpan.Zero && value <= TimeSpan.FromDays(1), $"ClientPort:{name} ({value}) must be above 0 and at most 1 day.");

        void Require(bool holds, string problem)
        {
            if (!holds) problems.Add(problem);
        }
    }
}
