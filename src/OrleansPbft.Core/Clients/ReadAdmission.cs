namespace OrleansPbft.Core;

/// <summary>How many reads a replica answers within a stretch of time, and how many of each client (rule C-6).</summary>
/// <remarks>A stretch is as long as a refused client is told to wait, and has the bounds that requests have. The first half of its
/// room is first come, first served; of the rest no client gets more than an equal share.</remarks>
internal sealed class ReadAdmission(ProtocolOptions options)
{
    private readonly Dictionary<ClientId, int> _byClient = [];
    private Instant _until = new(long.MinValue);
    private int _count;
    private long _bytes;

    /// <summary>Whether one more read of <paramref name="client"/> is answered now; it is counted when it is.</summary>
    public bool TryAdmit(ClientId client, Instant now)
    {
        if (now >= _until)
        {
            _until = now.Plus(options.BusyRetryAfter);
            _byClient.Clear();
            _count = 0;
            _bytes = 0;
        }

        if (_count >= options.PendingMax || _bytes >= options.PendingBytesMax) return false;
        var mine = _byClient.GetValueOrDefault(client);
        if (_count >= options.PendingMax / 2 || _bytes >= options.PendingBytesMax / 2)
        {
            var clients = mine == 0 ? _byClient.Count + 1 : _byClient.Count;
            if (mine >= Math.Max(1, options.PendingMax / 2 / clients)) return false;
        }

        _byClient[client] = mine + 1;
        _count++;
        return true;
    }

    /// <summary>An answer took so many bytes.</summary>
    public void OnAnswered(int bytes) => _bytes += bytes;
}
