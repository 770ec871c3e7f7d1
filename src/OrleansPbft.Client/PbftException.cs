namespace OrleansPbft.Client;

/// <summary>A request to the cluster did not end with an accepted answer. The derived types say why.</summary>
/// <param name="code">See <see cref="Code"/>.</param>
/// <param name="message">A sentence for a person, with what to do next.</param>
/// <param name="mayHaveExecuted">See <see cref="MayHaveExecuted"/>.</param>
/// <param name="inner">The cause, if another exception was it.</param>
public abstract class PbftException(string code, string message, bool mayHaveExecuted, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The kind of failure in one word for programs; the same in the problems of the HTTP API and in the console's JSON.</summary>
    public string Code { get; } = code;

    /// <summary>Whether the operations may have been executed, or may be yet. False only where they certainly are not and never will be.</summary>
    public bool MayHaveExecuted { get; } = mayHaveExecuted;
}
