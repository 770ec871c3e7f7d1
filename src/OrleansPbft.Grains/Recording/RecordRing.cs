namespace OrleansPbft.Grains.Recording;

/// <summary>The newest entries of one replica by their ascending keys, in room that was made beforehand.</summary>
/// <remarks>A key may be up to half of the ring ahead of what the replica has reached: so what peers say of the far future, true or not, leaves at least
/// the other half of the past.</remarks>
/// <typeparam name="T">What an entry is.</typeparam>
internal sealed class RecordRing<T>
    where T : class, IRecord<T>
{
    private readonly T[] _records;
    private readonly long _step;
    private readonly Func<T> _create;

    /// <summary>Makes the room.</summary>
    /// <param name="capacity">How many entries are kept: a power of two.</param>
    /// <param name="step">The distance from one key to the next.</param>
    /// <param name="create">Makes one empty entry.</param>
    public RecordRing(int capacity, long step, Func<T> create)
    {
        _records = [.. Enumerable.Range(0, capacity).Select(_ => create())];
        _step = step;
        _create = create;
    }

    /// <summary>The entry of a key, begun where there is none yet; null where the key is too old or too far ahead.</summary>
    /// <param name="key">A multiple of the step, 1 or more.</param>
    /// <param name="reached">The last key that the replica itself has reached.</param>
    public T? At(long key, long reached)
    {
        if (key < 1) return null;
        var record = _records[PlaceOf(key)];
        if (record.Key == key) return record;
        if (record.Key > key || key > reached + (_step * _records.Length / 2)) return null;
        record.Reset(key);
        return record;
    }

    /// <summary>The entry of a key; null where there is none.</summary>
    public T? Find(long key)
    {
        if (key < 1) return null;
        var record = _records[PlaceOf(key)];
        return record.Key == key ? record : null;
    }

    /// <summary>A copy of the entry of a key; null where there is none.</summary>
    public T? Copy(long key)
    {
        if (Find(key) is not { } record) return null;
        var copy = _create();
        record.CopyTo(copy);
        return copy;
    }

    /// <summary>Adds the entries that a condition holds for.</summary>
    public void CollectTo(List<(long Key, long Began)> found, Func<T, long> beganAt)
    {
        foreach (var record in _records)
        {
            if (record.Key != 0 && beganAt(record) is var began and > 0) found.Add((record.Key, began));
        }
    }

    private int PlaceOf(long key) => (int)((_step == 1 ? key : key / _step) & (_records.Length - 1));
}
