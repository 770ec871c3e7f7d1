namespace OrleansPbft.Client;

/// <summary>The body of <c>POST /v1/replicas/{id}/fault</c>.</summary>
public sealed record FaultRequest
{
    /// <summary>What the replica is to do wrong, as <c>lie</c>, <c>drop:0.3</c>, <c>censor:</c> and a client's id in 32 hexadecimal digits.</summary>
    public required string Mode { get; init; }
}
