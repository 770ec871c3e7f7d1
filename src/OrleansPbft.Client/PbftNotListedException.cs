using OrleansPbft.Core;

namespace OrleansPbft.Client;

/// <summary>The cluster serves listed clients only, and this one is not on its list (rule C-1).</summary>
/// <param name="client">Who is not.</param>
/// <param name="mayHaveExecuted">Whether the request had been sent: replicas that have another list may have executed it.</param>
public sealed class PbftNotListedException(ClientId client, bool mayHaveExecuted) : PbftException(
    "not-listed",
    $"This cluster serves listed clients only, and the client {client} is not on its list. Ask every organisation that holds a replica to put the line "
    + "that 'client keys client' printed into its clients.txt, and to restart its silo; or use a key that is listed, with --config.",
    mayHaveExecuted);
