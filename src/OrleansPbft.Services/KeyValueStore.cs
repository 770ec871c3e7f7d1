using System.Buffers;
using System.Globalization;
using System.Text.Unicode;
using OrleansPbft.Core;

namespace OrleansPbft.Services;

/// <summary>A replicated map from text keys to byte values, with versions, conditions, counters and ranges (DESIGN 7).</summary>
/// <remarks>
/// A version is the store's revision at the write: it grows with every write to any key, so that an entry deleted and written again
/// never has a version it had before, and a condition on a version holds for one value only.
/// </remarks>
public sealed class KeyValueStore : IStateMachine
{
    /// <summary>The most bytes a key takes in UTF-8.</summary>
    public const int KeyBytesMax = 1024;

    /// <summary>The most bytes a value takes.</summary>
    public const int ValueBytesMax = 64 << 10;

    /// <summary>The most entries one range returns.</summary>
    public const int RangeItemsMax = 1000;

    /// <summary>The most bytes of keys and values one range returns; it always returns one entry where there is any.</summary>
    public const int RangeBytesMax = 96 << 10;

    private static readonly SearchValues<byte> ControlCharacters = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(static c => (byte)c), 0x7F]);

    private readonly OrderedStore _store = new();
    private readonly List<StoreEntry> _range = [];

    /// <inheritdoc/>
    public string Name => "KeyValueStore/1";

    /// <inheritdoc/>
    public StateTree State => _store.State;

    /// <summary>How many entries there are.</summary>
    public int Count => _store.Count;

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result)
    {
        ArgumentNullException.ThrowIfNull(result);
        _store.Begin();
        try
        {
            Run(operation, result, mayWrite: true);
        }
        catch
        {
            _store.Rollback(); // whatever it was: a bad operation, or a result that does not fit (S-3)
            throw;
        }

        _store.Commit();
    }

    /// <inheritdoc/>
    public void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Run(operation, result, mayWrite: false);
    }

    /// <inheritdoc/>
    public bool Restore(StateTree state) => _store.Restore(state);

    /// <inheritdoc/>
    public void Rehash() => _store.Rehash();

    private void Run(ReadOnlySpan<byte> operation, IBufferWriter<byte> result, bool mayWrite)
    {
        var reader = new OperationReader(operation);
        if (!reader.TryReadByte(out var code)) throw new OperationRejectedException("The operation is empty.");
        if (!mayWrite && code is not (KeyValueOperation.GetCode or KeyValueOperation.RangeCode))
        {
            throw new OperationRejectedException("The operation is not read-only.");
        }

        switch (code)
        {
            case KeyValueOperation.GetCode: Get(ref reader, result); break;
            case KeyValueOperation.PutCode: Put(ref reader, result); break;
            case KeyValueOperation.DeleteCode: Delete(ref reader, result); break;
            case KeyValueOperation.IncrementCode: Increment(ref reader, result); break;
            case KeyValueOperation.RangeCode: Range(ref reader, result); break;
            default: throw new OperationRejectedException($"The operation code {code} is unknown.");
        }
    }

    private void Get(ref OperationReader reader, IBufferWriter<byte> result)
    {
        var key = ReadKey(ref reader);
        RequireEnd(ref reader);
        if (_store.Find(key) is { } entry) KeyValueResult.Write(result, KeyValueOutcome.Found, entry.Version, entry.Value.Span);
        else KeyValueResult.Write(result, KeyValueOutcome.NotFound, 0);
    }

    private void Put(ref OperationReader reader, IBufferWriter<byte> result)
    {
        var key = ReadKey(ref reader);
        var condition = ReadCondition(ref reader);
        if (!reader.TryReadLong(out var value)) throw Malformed();
        RequireEnd(ref reader);
        if (value.Length > ValueBytesMax) throw new OperationRejectedException($"The value has {value.Length} bytes; {ValueBytesMax} is the most.");

        var version = _store.Find(key)?.Version ?? 0;
        if (condition is { } expected && expected != version) KeyValueResult.Write(result, KeyValueOutcome.VersionMismatch, version);
        else KeyValueResult.Write(result, KeyValueOutcome.Written, _store.Put(key, value).Version);
    }

    private void Delete(ref OperationReader reader, IBufferWriter<byte> result)
    {
        var key = ReadKey(ref reader);
        var condition = ReadCondition(ref reader);
        RequireEnd(ref reader);

        var version = _store.Find(key)?.Version ?? 0;
        if (condition is { } expected && expected != version) KeyValueResult.Write(result, KeyValueOutcome.VersionMismatch, version);
        else if (_store.Delete(key) is { } deleted) KeyValueResult.Write(result, KeyValueOutcome.Deleted, deleted);
        else KeyValueResult.Write(result, KeyValueOutcome.NotFound, 0);
    }

    private void Increment(ref OperationReader reader, IBufferWriter<byte> result)
    {
        var key = ReadKey(ref reader);
        if (!reader.TryReadInt64(out var by)) throw Malformed();
        RequireEnd(ref reader);

        var entry = _store.Find(key);
        var number = 0L;
        if (entry is not null && !TryParse(entry.Value.Span, out number))
        {
            KeyValueResult.Write(result, KeyValueOutcome.NotANumber, entry.Version);
            return;
        }

        var sum = (Int128)number + by;
        if (sum > long.MaxValue || sum < long.MinValue)
        {
            KeyValueResult.Write(result, KeyValueOutcome.Overflow, entry?.Version ?? 0);
            return;
        }

        Span<byte> text = stackalloc byte[20]; // the longest: -9223372036854775808
        ((long)sum).TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        var written = _store.Put(key, text[..length]);
        KeyValueResult.Write(result, KeyValueOutcome.Written, written.Version, written.Value.Span);
    }

    private void Range(ref OperationReader reader, IBufferWriter<byte> result)
    {
        if (!reader.TryReadShort(out var prefix)
            || !reader.TryReadByte(out var hasAfter) || hasAfter > 1
            || !reader.TryReadShort(out var after) || (hasAfter == 0 && !after.IsEmpty)
            || !reader.TryReadUInt32(out var limit)) throw Malformed();
        RequireEnd(ref reader);
        if (limit is < 1 or > RangeItemsMax) throw new OperationRejectedException($"The limit is {limit}; 1 to {RangeItemsMax} is allowed.");

        _range.Clear();
        var bytes = 0;
        var more = false;
        var start = hasAfter == 1 && after.SequenceCompareTo(prefix) > 0 ? after : prefix;
        foreach (var entry in _store.From(start))
        {
            if (!entry.Key.Span.StartsWith(prefix)) break;
            if (hasAfter == 1 && entry.Key.Span.SequenceCompareTo(after) <= 0) continue;
            bytes += KeyValueResult.ItemHeaderBytes + entry.Key.Length + entry.Value.Length;
            more = _range.Count == limit || (bytes > RangeBytesMax && _range.Count > 0);
            if (more) break;
            _range.Add(entry);
        }

        KeyValueResult.WriteRange(result, _range, more);
        _range.Clear();
    }

    private static ReadOnlySpan<byte> ReadKey(ref OperationReader reader)
    {
        if (!reader.TryReadShort(out var key)) throw Malformed();
        if (key.IsEmpty) throw new OperationRejectedException("The key is empty.");
        if (key.Length > KeyBytesMax) throw new OperationRejectedException($"The key has {key.Length} bytes; {KeyBytesMax} is the most.");
        if (!Utf8.IsValid(key)) throw new OperationRejectedException("The key is not UTF-8.");
        var control = key.IndexOfAny(ControlCharacters);
        if (control >= 0) throw new OperationRejectedException($"The key has the control character U+{key[control]:X4}.");
        return key;
    }

    private static long? ReadCondition(ref OperationReader reader)
    {
        if (!reader.TryReadByte(out var present) || present > 1 || !reader.TryReadInt64(out var version) || version < 0) throw Malformed();
        if (present == 0 && version != 0) throw Malformed();
        return present == 1 ? version : null;
    }

    private static void RequireEnd(ref OperationReader reader)
    {
        if (!reader.IsAtEnd) throw Malformed();
    }

    private static OperationRejectedException Malformed() => new("The operation is malformed.");

    private static bool TryParse(ReadOnlySpan<byte> value, out long number) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
