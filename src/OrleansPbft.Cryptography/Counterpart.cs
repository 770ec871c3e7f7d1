namespace OrleansPbft.Cryptography;

/// <summary>What is known of one party that there are sessions with. Not thread-safe.</summary>
/// <param name="party">The party.</param>
/// <param name="keysMax">How many of its session keys are kept.</param>
/// <param name="bucket">How often a new one is taken.</param>
internal sealed class Counterpart(SessionParty party, int keysMax, TokenBucket bucket)
{
    private readonly List<PeerSessionKey> _keys = []; // the newest last

    public SessionParty Party => party;

    public TokenBucket Bucket => bucket;

    /// <summary>When it was last told our key, by the monotonic clock.</summary>
    public long ToldAt { get; set; } = long.MinValue;

    /// <summary>The newest of its keys; null while none is known.</summary>
    public PeerSessionKey? Newest => _keys.Count == 0 ? null : _keys[^1];

    /// <summary>Finds a key of it that has not ended.</summary>
    public PeerSessionKey? Find(long epoch, long now)
    {
        foreach (var key in _keys)
        {
            if (key.Epoch == epoch) return key.EndsAt > now ? key : null;
        }

        return null;
    }

    /// <summary>Finds a key of it, ended or not.</summary>
    public PeerSessionKey? Recall(long epoch) => _keys.Find(key => key.Epoch == epoch);

    /// <summary>Whether a key that is not known would be taken. Of a replica, only one that is newer than all: it is one program. Several programs may use one
    /// client's key, and do not know each other's epochs: of a client, any that is among the newest.</summary>
    public bool Takes(long epoch) => _keys.Count == 0 || epoch > _keys[^1].Epoch || (party.IsClient && (_keys.Count < keysMax || epoch > _keys[0].Epoch));

    /// <summary>Takes a key; older ones end soon.</summary>
    /// <returns>The key that had to go; null for none.</returns>
    public PeerSessionKey? Add(PeerSessionKey key, long olderEndAt)
    {
        var place = _keys.FindIndex(known => known.Epoch > key.Epoch);
        _keys.Insert(place < 0 ? _keys.Count : place, key);
        foreach (var older in _keys.Take(_keys.Count - 1)) older.EndsAt = Math.Min(older.EndsAt, olderEndAt);
        if (_keys.Count <= keysMax) return null;
        var gone = _keys[0];
        _keys.RemoveAt(0);
        return gone;
    }

    /// <summary>All keys of it.</summary>
    public IReadOnlyList<PeerSessionKey> Keys => _keys;
}
