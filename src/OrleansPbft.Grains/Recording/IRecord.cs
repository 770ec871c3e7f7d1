namespace OrleansPbft.Grains.Recording;

/// <summary>One entry of a <see cref="RecordRing{T}"/>, made once and used again and again.</summary>
/// <typeparam name="T">The entry itself.</typeparam>
internal interface IRecord<in T>
{
    /// <summary>What it is about: a sequence number or a view, 1 or more; 0 while it is about nothing.</summary>
    long Key { get; }

    /// <summary>Forgets everything, and is about something else.</summary>
    void Reset(long key);

    /// <summary>Copies all of it, so that it can be read while the original is written.</summary>
    void CopyTo(T other);
}
