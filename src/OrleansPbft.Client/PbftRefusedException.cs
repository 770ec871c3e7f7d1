namespace OrleansPbft.Client;

/// <summary>A silo was asked for something other than an operation, and said no. Nothing was changed.</summary>
/// <param name="status">See <see cref="Status"/>.</param>
/// <param name="code">The kind of refusal in one word, as the silo gave it.</param>
/// <param name="message">What the silo said.</param>
public sealed class PbftRefusedException(int status, string code, string message) : PbftException(code, message, mayHaveExecuted: false)
{
    /// <summary>The HTTP status that the silo answered with.</summary>
    public int Status { get; } = status;
}
