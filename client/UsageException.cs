namespace OrleansPbft.ClientConsole;

/// <summary>The command line says what can not be meant.</summary>
/// <param name="message">One sentence, and what to write instead.</param>
internal sealed class UsageException(string message) : Exception(message);
