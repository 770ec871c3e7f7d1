namespace OrleansPbft.Client;

/// <summary>A request to the cluster did not end with an accepted answer. The derived types say why.</summary>
/// <param name="message">A sentence for a person, with what to do next.</param>
/// <param name="mayHaveExecuted">See <see cref="MayHaveExecuted"/>.</param>
/// <param name="inner">The cause, if another exception was it.</param>
public abstract class PbftException(string message, bool mayHaveExecuted, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the operations may have been executed, or may be yet. False only where they certainly are not and never will be.</summary>
    public bool MayHaveExecuted { get; } = mayHaveExecuted;
}
