namespace OrleansPbft.Client;

/// <summary>The names of all spans; docs/telemetry.md says what each is.</summary>
internal static class SpanNames
{
    public const string Client = "client";
    public const string OpenSession = "open-session";
    public const string Read = "read";
    public const string Forward = "forward";
    public const string Order = "order";
    public const string PrePrepare = "pre-prepare";
    public const string Prepare = "prepare";
    public const string Commit = "commit";
    public const string Execute = "execute";
    public const string Reply = "reply";
    public const string ViewChange = "view-change";
    public const string Checkpoint = "checkpoint";
    public const string StateTransfer = "state-transfer";
    public const string Recovery = "recovery";
}
