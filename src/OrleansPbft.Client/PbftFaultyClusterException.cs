namespace OrleansPbft.Client;

/// <summary>f + 1 replicas agreed on an answer that no correct replica gives: more than f of them are faulty, or of another version.</summary>
/// <param name="message">What they agreed on.</param>
public sealed class PbftFaultyClusterException(string message) : PbftException("faulty-cluster", message, mayHaveExecuted: true);
