namespace OrleansPbft.ClientConsole;

/// <summary>What this session has come across, to complete words from and to guess misspelt ones. Bounded.</summary>
internal sealed class SeenNames
{
    /// <summary>How many keys are kept; then the one that was seen longest ago goes.</summary>
    public const int KeysMax = 1000;

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Queue<string> _keys = [];

    /// <summary>Keys of the store that were there.</summary>
    public IReadOnlyCollection<string> Keys => _keys;

    /// <summary>n; 0 while it is not known.</summary>
    public int Replicas { get; set; }

    /// <summary>The ids of the replicas, as they are written; none while n is not known.</summary>
    public IEnumerable<string> ReplicaIds => Enumerable.Range(0, Replicas).Select(static id => id.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>An entry with this key was there.</summary>
    public void SeeKey(string key)
    {
        if (!_known.Add(key)) return;
        _keys.Enqueue(key);
        if (_keys.Count > KeysMax) _known.Remove(_keys.Dequeue());
    }
}
