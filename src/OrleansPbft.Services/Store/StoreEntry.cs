using System.Runtime.InteropServices;
using OrleansPbft.Core;

namespace OrleansPbft.Services;

/// <summary>One entry of an <see cref="OrderedStore"/>, as it is now: the next write at its key changes it.</summary>
public sealed class StoreEntry
{
    private byte[] _value = [];

    internal StoreEntry(byte[] key) => KeyArray = key;

    /// <summary>The entry that <paramref name="state"/> is the state of. Arrays are shared: neither side ever changes one.</summary>
    internal StoreEntry(StateEntry state)
        : this(ImmutableCollectionsMarshal.AsArray(state.Key)!)
    {
        Become(ImmutableCollectionsMarshal.AsArray(state.Value)!, state.Version);
        KeyDigest = state.KeyDigest;
    }

    /// <summary>Its key.</summary>
    public ReadOnlyMemory<byte> Key => KeyArray;

    /// <summary>Its value.</summary>
    public ReadOnlyMemory<byte> Value => _value;

    /// <summary>The store's revision when it was last written: 1 or more; 0 once it is deleted.</summary>
    public long Version { get; private set; }

    internal byte[] KeyArray { get; }

    internal byte[] ValueArray => _value;

    /// <summary>Whether it is in the store. One that was deleted stays known until the next root, which must leave it out.</summary>
    internal bool IsPresent => Version > 0;

    /// <summary>Whether it changed since the last root.</summary>
    internal bool IsDirty { get; set; }

    /// <summary>The digest of its key, kept as it never changes; null until the first root that covers it.</summary>
    internal Digest? KeyDigest { get; set; }

    internal void Become(byte[] value, long version)
    {
        _value = value;
        Version = version;
    }

    /// <summary>The entry as it is now, digested.</summary>
    internal StateEntry ToState()
    {
        var key = KeyDigest ??= Digest.Of(KeyArray);
        return new(ImmutableCollectionsMarshal.AsImmutableArray(KeyArray), Version, ImmutableCollectionsMarshal.AsImmutableArray(_value), key);
    }
}
