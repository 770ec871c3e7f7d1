using System.Diagnostics.CodeAnalysis;

namespace OrleansPbft.Cryptography;

/// <summary>A bounded, thread-safe map that forgets what was not used for longest, roughly: two generations, the older dropped whole.</summary>
/// <remarks>An entry found in the old generation moves to the young one, so whatever is in use stays. Never more than the capacity.</remarks>
internal sealed class GenerationalMap<TKey, TValue>(int capacity, Action<TValue>? dropped = null)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly int _generationSize = Math.Max(1, capacity / 2);
    private Dictionary<TKey, TValue> _young = [];
    private Dictionary<TKey, TValue> _old = [];

    /// <summary>How many entries there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _young.Count + _old.Count;
        }
    }

    /// <summary>Finds an entry, and keeps it from being forgotten soon.</summary>
    public bool TryGet(in TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_lock)
        {
            if (_young.TryGetValue(key, out value)) return true;
            if (!_old.Remove(key, out value)) return false;
            AddYoung(key, value);
            return true;
        }
    }

    /// <summary>Adds an entry, or replaces it.</summary>
    public void Set(in TKey key, TValue value)
    {
        lock (_lock)
        {
            if (_old.Remove(key, out var replaced) || _young.Remove(key, out replaced)) dropped?.Invoke(replaced);
            AddYoung(key, value);
        }
    }

    private void AddYoung(in TKey key, TValue value)
    {
        if (_young.Count >= _generationSize)
        {
            if (dropped is not null)
            {
                foreach (var forgotten in _old.Values) dropped(forgotten);
            }

            _old.Clear();
            (_young, _old) = (_old, _young);
        }

        _young.Add(key, value);
    }
}
